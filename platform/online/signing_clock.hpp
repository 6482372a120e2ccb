// Whether the platform may sign at the time that its clock shows (docs/time.md). A wrong time in a
// signature reaches every office, so the platform refuses to sign before what it has signed, or
// after a jump of its clock that the time since boot does not explain.
#pragma once

#include <optional>
#include <string>

#include "core/clock.hpp"

namespace rootlet::platform {

// Both clocks of the machine, read together.
struct ClockReading {
  UnixTime wall{};
  std::chrono::milliseconds since_boot{0};
  std::string boot;  // current_boot(); "" if unknown
};

std::string encode_clock_reading(const ClockReading& reading);
std::optional<ClockReading> parse_clock_reading(std::string_view text);

// Where the platform's programs get their time from. Without a clock nothing is checked.
struct SigningClock {
  const Clock* clock = nullptr;
  std::string boot = {};
  bool is_accepted = false;  // the operator vouches for the clock as it is now
};

struct SigningFacts {
  ClockReading now;
  std::optional<UnixTime> newest_signed;     // the newest time in a signature of this realm
  std::optional<ClockReading> last_reading;  // when the realm last signed
};

enum class SigningDoubt {
  kNone,
  kBackwards,  // before what was signed
  kJump,       // the wall clock went ahead of the time since boot, within one boot
  kSilence,    // a boot lies between, and more time than any machine stays off unnoticed
};

inline constexpr std::chrono::minutes kSigningSlack{5};    // a clock that is corrected gradually
inline constexpr std::chrono::hours kExplainedJump{1};     // within a boot: a correction at most
inline constexpr std::chrono::days kExplainedSilence{90};  // over a boot: the machine was off

SigningDoubt decide_signing(const SigningFacts& facts);

// What the operator reads: both times, what was kept, what to do.
std::string explain(SigningDoubt doubt, const SigningFacts& facts);

}  // namespace rootlet::platform
