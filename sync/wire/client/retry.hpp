// When to ask a server again: its Retry-After field and the wait between tries. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace rootlet {

// Seconds that a Retry-After field asks for, at most limits::kLongestRetryAfter (RFC 9110, 10.2.3).
// A date is taken against `date`, the Date field of the same answer, so the machine's own clock
// plays no part. Nullopt if the field says nothing that can be understood.
std::optional<long> parse_retry_after(std::string_view value, std::string_view date);

// The wait before try number `attempt` (1, 2, …): exponential up to `cap`, with full jitter. A
// server's Retry-After is never cut by `cap`: the wait is at least that, up to
// limits::kLongestRetryAfter, and up to a tenth longer, so that offices that were refused together
// do not return together. `random` is a number in [0, 1).
std::chrono::milliseconds retry_delay(int attempt, std::chrono::milliseconds base,
                                      std::chrono::milliseconds cap, long retry_after_seconds,
                                      double random);

}  // namespace rootlet
