// How many bytes of batches one office may send within an hour, so that no office fills the
// platform's disk or takes the time of the others. Counted in inbox.db, in the transaction that
// stores a batch: a restart forgets nothing. A batch that is repeated is counted once.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "platform/store/store.hpp"

namespace rootlet::platform::intake {

// What an office sent in one minute since 1970.
struct UsedMinute {
  std::int64_t minute = 0;
  std::uint64_t bytes = 0;
};

// Pure. Seconds until `bytes` more fit into the hour before `now`; 0: now. `used` is in the order
// of the minutes; minutes outside of the hour do not count. `quota` is at least `bytes`.
long decide_quota_wait(std::span<const UsedMinute> used, std::uint64_t bytes, std::uint64_t quota,
                       UnixTime now);

Result<std::vector<UsedMinute>> load_usage(Store& inbox, const std::string& office, UnixTime now);
// Adds `bytes`, and forgets what is older than an hour. Inside the caller's transaction.
Status save_usage(Store& inbox, const std::string& office, std::uint64_t bytes, UnixTime now);

}  // namespace rootlet::platform::intake
