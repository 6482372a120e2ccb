// The client of The Update Framework 1.0: section 5, "Detailed client workflow", step by step, over
// a fetcher and a folder. It stores nothing that did not pass all its checks; a failed update
// leaves what was stored before, and the next one can succeed. One client is one update with one
// fixed start time; make a new one for the next update. Not for two threads at once.
#pragma once

#include <optional>
#include <string>

#include "core/clock.hpp"
#include "sync/trust/client/tuf_fetcher.hpp"
#include "sync/trust/client/tuf_store.hpp"
#include "sync/trust/client/tuf_trusted_set.hpp"

namespace rootlet {

struct TufFoundTarget {
  std::string path;
  std::string role;  // whose metadata describes it
  TufTarget target;
};

// What the folder of trusted metadata is worth, without asking anybody.
struct TufStanding {
  std::int64_t root_version = 0;
  UnixTime root_expires{};
  std::int64_t timestamp_version = 0;  // 0: none that the root still believes
  UnixTime timestamp_expires{};
  json::object timestamp_fields;  // the signed part, custom fields included
  bool is_fresh = false;          // neither root nor timestamp has expired
};

class TufClient {
 public:
  TufClient(fs::path folder, TufFetcher& fetcher, const Clock& clock)
      : store_(std::move(folder)), fetcher_(&fetcher), clock_(&clock) {}

  // Makes `root`, got from a trusted hand, the start of trust in `folder`. kUntrusted unless it is
  // a root that its own keys signed; then nothing is written.
  static Status install_root(const fs::path& folder, ByteView root);

  // kUntrusted if there is no root that verifies.
  static Result<TufStanding> standing(const fs::path& folder, UnixTime now);

  // One small request: false if the stored timestamp is the newest and has not expired. Whatever is
  // fetched is used by the refresh() that follows.
  Result<bool> has_news();

  // 5.1 to 5.6.6: the four top-level roles.
  Status refresh();

  // 5.6.7: the metadata of the target, or nullopt if no trusted role describes it. An error of any
  // role on the way ends the search. refresh() must have succeeded.
  Result<std::optional<TufFoundTarget>> find_target(std::string_view target_path);

  // The metadata of a role that `delegator` (by default the top-level targets) delegates to. Valid
  // until the next call that loads a role.
  Result<const Signed<TufTargets>*> load_role(std::string_view role,
                                              std::string_view delegator = kTufTargets);

  // 5.7.3: the target's bytes into `sink`, which must keep them from use until ok is returned: the
  // hashes are known only at the end.
  Status download(const TufFoundTarget& found, const ByteSink& sink);

  // The same into `folder`, under target_file_name(). A file that is there already with the right
  // hashes stays as it is and costs no request.
  Result<fs::path> download_to(const TufFoundTarget& found, const fs::path& folder);

  // refresh() must have succeeded.
  TufTrustedSet& trusted() { return *trusted_; }

 private:
  Result<TufTrustedSet> open_stored_root() const;
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
  std::optional<TufTrustedSet> trusted_;
  std::optional<UntrustedBytes> offered_timestamp_;  // fetched by has_news()
};

}  // namespace rootlet
