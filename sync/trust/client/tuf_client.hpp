// The client of The Update Framework 1.0: section 5, "Detailed client workflow", over a fetcher and
// a folder. Stores only metadata that passed all checks. A failed update leaves the stored metadata
// as it was, and the next one can succeed. One client object is one update with one fixed start
// time; make a new one for the next update. Not thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "sync/trust/client/tuf_fetcher.hpp"
#include "sync/trust/client/tuf_store.hpp"
#include "sync/trust/client/tuf_trusted_set.hpp"
#include "sync/trust/metadata/signing_times.hpp"

namespace rootlet {

struct TufFoundTarget {
  std::string path;
  std::string role;  // whose metadata describes it
  TufTarget target;
};

// The state of the folder of trusted metadata, read without network access.
struct TufStanding {
  std::int64_t root_version = 0;
  UnixTime root_expires{};
  std::int64_t timestamp_version = 0;  // 0: none that the stored root verifies
  UnixTime timestamp_expires{};
  json::object timestamp_fields;   // the signed part, custom fields included
  std::optional<UnixTime> issued;  // the time that the signer of the timestamp wrote
  bool is_fresh = false;           // neither root nor timestamp has expired
  // Every role of the folder that verifies: the four top-level ones and the delegated ones in use.
  std::vector<RoleEnd> ends;
  UnixTime earliest_expiry() const;  // of `ends`
};

class TufClient {
 public:
  // Without `time`, expiry is judged by the clock at the start of the update, as the specification
  // says.
  TufClient(fs::path folder, TufFetcher& fetcher, const Clock& clock, TimeOfUpdate time = {})
      : store_(std::move(folder)), fetcher_(&fetcher), clock_(&clock), time_(std::move(time)) {}

  // Makes `root`, which comes from a trusted source, the start of trust in `folder`. kUntrusted,
  // with nothing written, unless it is a root signed by its own keys.
  static Status install_root(const fs::path& folder, ByteView root);

  // kUntrusted if there is no root that verifies.
  static Result<TufStanding> standing(const fs::path& folder, UnixTime now);
  static Result<TufStanding> standing(const fs::path& folder, const TimeOfUpdate& time);

  // One small request: false if the stored timestamp is the newest and has not expired. The
  // refresh() that follows uses the fetched timestamp.
  Result<bool> has_news();

  // 5.1 to 5.6.6: the four top-level roles.
  Status refresh();

  // 5.6.7: the metadata of the target, or nullopt if no trusted role describes it. An error in any
  // visited role ends the search. refresh() must have succeeded.
  Result<std::optional<TufFoundTarget>> find_target(std::string_view target_path);

  // The metadata of a role that `delegator` (by default the top-level targets) delegates to. Valid
  // until the next call that loads a role.
  Result<const Signed<TufTargets>*> load_role(std::string_view role,
                                              std::string_view delegator = kTufTargets);

  // 5.7.3: writes the target's bytes to `sink`. The hashes are known only at the end, so `sink`
  // must not release the bytes for use before this returns ok.
  Status download(const TufFoundTarget& found, const ByteSink& sink);

  // The same into `folder`, under target_file_name(). Keeps an existing file with the right hashes
  // and then sends no request.
  Result<fs::path> download_to(const TufFoundTarget& found, const fs::path& folder);

  // refresh() must have succeeded.
  TufTrustedSet& trusted() { return *trusted_; }

 private:
  Result<TufTrustedSet> open_stored_root() const;
  Result<TufStanding> own_standing() const;
  Result<UntrustedBytes> fetch(const std::string& name, std::size_t max_bytes);
  Result<UntrustedBytes> fetch_listed(std::string_view role, const TufFileInfo& info);
  Result<UntrustedBytes> take_timestamp();
  Status update_root();
  Status accept_root(ByteView file);
  Status update_timestamp();
  Status update_snapshot();

  TufStore store_;
  TufFetcher* fetcher_;
  const Clock* clock_;
  TimeOfUpdate time_;
  std::optional<TufTrustedSet> trusted_;
  std::optional<UntrustedBytes> offered_timestamp_;  // fetched by has_news()
};

}  // namespace rootlet
