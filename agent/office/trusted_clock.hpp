// Trusted time, from signed times and the time this machine was awake. The floor is the newest
// signed time plus the time awake since; it never goes back, and only the floor causes an erasure.
// The wall clock can move a decision forward but is never saved: setting it back extends no lease,
// and a clock that runs ahead locks readers out only until somebody corrects it
// (docs/adr/0006-leases-and-clocks.md). Reads only the Clock it is given. Not thread-safe.
#pragma once

#include <string>

#include "core/clock.hpp"

namespace rootlet::agent {

struct TrustedTime {
  UnixTime floor{};  // certainly not earlier than this
  UnixTime now{};    // max(floor, wall): decides whether reading is allowed
};

// The state that is saved between two runs of the program.
struct ClockMark {
  UnixTime floor{};
  std::chrono::milliseconds awake{0};  // since boot, when the floor was saved
  std::string boot;                    // current_boot() at that time
  bool operator==(const ClockMark&) const = default;
};

class TrustedClock {
 public:
  // Continues from `saved`. After a reboot, counts at least the time since this boot.
  TrustedClock(const ClockMark& saved, const Clock& clock, std::string boot);

  TrustedTime read() const;
  // Raises the floor to `signed_time`, whose signature must have been verified.
  void learn(UnixTime signed_time);
  ClockMark mark() const;

 private:
  const Clock* clock_;
  std::string boot_;
  UnixTime floor_;
  std::chrono::milliseconds awake_at_floor_;
};

// The kernel's boot id; empty if it has none, and then every start of the program counts as a boot.
std::string current_boot();

}  // namespace rootlet::agent
