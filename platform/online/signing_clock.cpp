// The rule, and its words.
#include "platform/online/signing_clock.hpp"

#include <charconv>

#include "core/text.hpp"

namespace rootlet::platform {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

bool take_number(std::string_view& text, std::int64_t& number) {
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc{} || read.ptr == end || *read.ptr != ' ') return false;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()) + 1);
  return true;
}

bool is_same_boot(const ClockReading& a, const ClockReading& b) {
  return !a.boot.empty() && a.boot == b.boot;
}

std::string in_days(seconds time) {
  const auto hours = std::chrono::duration_cast<std::chrono::hours>(time).count();
  return hours >= 48 ? std::to_string(hours / 24) + " days" : std::to_string(hours) + " hours";
}

}  // namespace

std::string encode_clock_reading(const ClockReading& reading) {
  return std::to_string(reading.wall.time_since_epoch().count()) + " " +
         std::to_string(reading.since_boot.count()) + " " + reading.boot;
}

std::optional<ClockReading> parse_clock_reading(std::string_view text) {
  std::int64_t wall_s = 0, since_boot_ms = 0;
  if (!take_number(text, wall_s) || !take_number(text, since_boot_ms)) return std::nullopt;
  return ClockReading{.wall = UnixTime(seconds(wall_s)),
                      .since_boot = milliseconds(since_boot_ms),
                      .boot = std::string(text)};
}

SigningDoubt decide_signing(const SigningFacts& facts) {
  const UnixTime now = facts.now.wall;
  if (facts.newest_signed.has_value() && now + kSigningSlack < *facts.newest_signed) {
    return SigningDoubt::kBackwards;
  }
  if (!facts.last_reading.has_value()) return SigningDoubt::kNone;
  const ClockReading& last = *facts.last_reading;
  const seconds passed = now - last.wall;
  if (is_same_boot(last, facts.now)) {
    const milliseconds running = facts.now.since_boot - last.since_boot;
    return passed > running + kExplainedJump ? SigningDoubt::kJump : SigningDoubt::kNone;
  }
  return passed > kExplainedSilence ? SigningDoubt::kSilence : SigningDoubt::kNone;
}

std::string explain(SigningDoubt doubt, const SigningFacts& facts) {
  const std::string now = format_time(facts.now.wall);
  std::string what;
  if (doubt == SigningDoubt::kBackwards) {
    what = "this machine's clock says " + now + ", but this realm has signed at " +
           format_time(facts.newest_signed.value_or(UnixTime{})) +
           ". The clock is wrong now, or it was wrong then.";
  } else if (facts.last_reading.has_value()) {
    const seconds passed = facts.now.wall - facts.last_reading->wall;
    what = "this machine's clock says " + now + ", " + in_days(passed) +
           " after this realm last signed, " +
           (doubt == SigningDoubt::kJump ? "but the machine did not run for so long since."
                                         : "longer than a machine stays off unnoticed.");
  }
  return what +
         " Nothing was signed, and what is published stays. Correct the clock; if it is right, "
         "run the command once more with --accept-clock.";
}

}  // namespace rootlet::platform
