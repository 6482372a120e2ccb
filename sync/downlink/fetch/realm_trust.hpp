// The trusted metadata of the realm, as one sync needs it: whether there is news, which packs form
// the directory, and whose signatures count. Returns only what passed the checks of The Update
// Framework.
#pragma once

#include "sync/downlink/fetch/fetch.hpp"
#include "sync/trust/client/tuf_client.hpp"

namespace rootlet {

class RealmTrust {
 public:
  // `folder` holds the trusted metadata; `etag` is of the timestamp stored there, or empty.
  // `time` decides expiry.
  RealmTrust(fs::path folder, FileSource& source, const Clock& clock, std::string etag,
             const TimeOfUpdate& time)
      : folder_(std::move(folder)),
        time_(time),
        fetcher_(source, std::move(etag)),
        client_(folder_, fetcher_, clock, time) {}

  // One request. False if the stored timestamp is the newest and has not expired.
  Result<bool> has_news() { return client_.has_news(); }
  Status refresh() { return client_.refresh(); }

  // --- refresh() must have succeeded ---
  Result<std::vector<DirectoryPackRequest>> directory_packs();
  // One of these keys must have signed a pack of this stream.
  Result<std::vector<PublicKey>> publishers(const DatasetDefinition& dataset,
                                            const StreamName& stream);
  Result<std::vector<PublicKey>> grant_signers(std::string_view path);

  // --- stored metadata, at any time ---
  Result<TufStanding> standing() const { return TufClient::standing(folder_, time_); }
  // Identifies the stored timestamp; empty if there is none.
  std::string fingerprint() const;
  const std::string& timestamp_etag() const { return fetcher_.timestamp_etag(); }

 private:
  Result<std::vector<PublicKey>> delegated_keys(std::string_view role, std::string_view path);

  fs::path folder_;
  TimeOfUpdate time_;
  RepositoryFetcher fetcher_;
  TufClient client_;
};

}  // namespace rootlet
