// What time it is, as far as signatures and this machine's own waking can prove it. The floor is
// the newest signed time seen plus the time awake since; it never goes back, and only it may
// destroy. The wall clock can move a decision forward but is never remembered: set back it
// lengthens no lease, gone wild it locks nobody out for longer than it stays wild (DESIGN 4.6).
// Pure but for the Clock it is given; not for two threads.
#pragma once

#include <string>

#include "core/clock.hpp"

namespace rootlet::agent {

struct TrustedTime {
  UnixTime floor{};  // certainly not earlier than this
  UnixTime now{};    // max(floor, wall): what reading is judged by
};

// What is kept of the clock between two runs of the program.
struct ClockMark {
  UnixTime floor{};
  std::chrono::milliseconds awake{0};  // since boot, when the floor was noted
  std::string boot;                    // which boot that was
  bool operator==(const ClockMark&) const = default;
};

class TrustedClock {
 public:
  // Goes on from `saved`. After another boot at least the time since this boot has passed.
  TrustedClock(const ClockMark& saved, const Clock& clock, std::string boot);

  TrustedTime read() const;
  // A time that a verified signature vouches for.
  void learn(UnixTime signed_time);
  ClockMark mark() const;

 private:
  const Clock* clock_;
  std::string boot_;
  UnixTime floor_;
  std::chrono::milliseconds awake_at_floor_;
};

// The kernel's name for this boot; empty if it has none, and then every start counts as a boot.
std::string current_boot();

}  // namespace rootlet::agent
