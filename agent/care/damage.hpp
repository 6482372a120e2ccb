// Damage of the files that the agent can fetch again: directory.db and datasets/*.db. A reader that
// meets damage notes it in keys.db; the next cycle that reaches the platform drops the file and
// fetches it anew (docs/ARCHITECTURE.md, "Damage").
//
// A note names the file's key, so a note about a file that was replaced meanwhile is void.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/office/office.hpp"

namespace rootlet::agent {

// A cache is named as its key in keys.db: "directory", or dataset_key_name(id).
inline constexpr std::string_view kDirectoryCache = "directory";

fs::path cache_file(const Home& home, std::string_view cache);

struct DamageNote {
  std::string cache;
  UnixTime found{};
  std::string what;  // the error that was met
};

// What is noted about files that are still in place.
Result<std::vector<DamageNote>> damage_notes(KeyStore& keys);
Result<bool> is_noted_damaged(KeyStore& keys, std::string_view cache);
Status forget_damage(KeyStore& keys, std::string_view cache);

// What becomes of a damaged cache.
Text rebuild_advice();

// Watches one reading of a cache: made before the file is opened, asked when reading has failed.
class DamageWatch {
 public:
  DamageWatch(Office& office, std::string_view cache);
  // For a file that is opened with `key`, which the caller has taken before.
  DamageWatch(Office& office, std::string_view cache, const SymmetricKey& key);
  // If `error` is kStorageDamaged, the damage is noted on disk, and the returned error names the
  // file and says what happens next. Other errors come back unchanged.
  Error explain(Error error);

 private:
  Office& office_;
  std::string cache_;
  std::string key_mark_;  // of the key at the beginning; "" if there was none
};

}  // namespace rootlet::agent
