// The floor is a pair: a time, and the time awake since boot when that time was certain.
#include "agent/office/trusted_clock.hpp"

#include <algorithm>

#include "core/file/file.hpp"

namespace rootlet::agent {

using std::chrono::floor;
using std::chrono::milliseconds;
using std::chrono::seconds;

TrustedClock::TrustedClock(const ClockMark& saved, const Clock& clock, std::string boot)
    : clock_(&clock), boot_(std::move(boot)), floor_(saved.floor) {
  const bool same_boot = !boot_.empty() && saved.boot == boot_;
  // A mark of an earlier boot is older than this boot, so all time since boot counts.
  awake_at_floor_ = same_boot ? saved.awake : milliseconds(0);
}

TrustedTime TrustedClock::read() const {
  const milliseconds passed = std::max(clock_->since_boot() - awake_at_floor_, milliseconds(0));
  const UnixTime certain = floor_ + floor<seconds>(passed);
  return {.floor = certain, .now = std::max(certain, clock_->wall())};
}

void TrustedClock::learn(UnixTime signed_time) {
  if (signed_time <= read().floor) return;
  floor_ = signed_time;
  awake_at_floor_ = clock_->since_boot();
}

ClockMark TrustedClock::mark() const {
  return {.floor = read().floor, .awake = clock_->since_boot(), .boot = boot_};
}

std::string current_boot() {
  const Result<std::string> text = read_text_file("/proc/sys/kernel/random/boot_id", 256);
  if (text.has_error()) return "";
  return text.value().substr(0, text.value().find('\n'));
}

}  // namespace rootlet::agent
