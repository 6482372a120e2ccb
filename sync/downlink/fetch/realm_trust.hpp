// The trusted metadata of the realm, as one sync needs it: whether there is news, which root node
// the directory has, and whose signatures count. Returns only what passed the checks of The Update
// Framework.
#pragma once

#include "core/crypto.hpp"
#include "sync/downlink/fetch/file_source.hpp"
#include "sync/pack/table/dataset.hpp"
#include "sync/trust/client/tuf_client.hpp"
#include "sync/trust/office/service_keys.hpp"

namespace rootlet {

class RealmTrust {
 public:
  // `folder` holds the trusted metadata; `etag` is of the file that brought the timestamp stored
  // there, or empty. `news` is the path of the news. `time` decides expiry.
  RealmTrust(fs::path folder, FileSource& source, const Clock& clock, std::string news,
             std::string etag, const TimeOfUpdate& time)
      : folder_(std::move(folder)),
        time_(time),
        fetcher_(source, std::move(news), std::move(etag)),
        client_(folder_, fetcher_, clock, time) {}

  // One request. False if the stored timestamp is the newest and has not expired.
  Result<bool> has_news() { return client_.has_news(); }
  Status refresh() { return client_.refresh(); }

  // --- refresh() must have succeeded ---
  // Identifies the root node's pack.
  Result<std::string> root_node_hash();
  // The bytes of the root node's pack, checked against its hash.
  Result<Bytes> fetch_root_node();
  // One of these keys must have signed a pack of the directory.
  Result<std::vector<PublicKey>> directory_signers();
  // One of these keys must have signed a pack of this stream.
  Result<std::vector<PublicKey>> publishers(const DatasetDefinition& dataset,
                                            const StreamName& stream);
  Result<std::vector<PublicKey>> grant_signers(std::string_view path);
  // nullopt in a repository of another maker.
  Result<std::optional<ServiceKeys>> service_keys();

  // --- stored metadata, at any time ---
  Result<TufStanding> standing() const { return TufClient::standing(folder_, time_); }
  // Identifies the stored timestamp; empty if there is none.
  std::string fingerprint() const;
  const std::string& timestamp_etag() const { return fetcher_.timestamp_etag(); }
  // A node's pack that came with the news, untrusted; null if it did not.
  const Bytes* from_news(const StreamName& stream) const {
    return fetcher_.from_news(stream.text());
  }

 private:
  Result<TufTarget> root_node_target();
  Result<std::vector<PublicKey>> delegated_keys(std::string_view role, std::string_view path);

  fs::path folder_;
  TimeOfUpdate time_;
  RepositoryFetcher fetcher_;
  TufClient client_;
};

}  // namespace rootlet
