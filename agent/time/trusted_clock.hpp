// Trusted time of one home: the rules of time_rules.hpp over the machine's clock and what the home
// remembers. Reads only the Clock it is given. Not thread-safe.
#pragma once

#include "agent/time/time_rules.hpp"
#include "core/bytes.hpp"

namespace rootlet::agent {

// What the home remembers of the platform's time. Only a cycle changes it.
struct HeardTime {
  TimeEvidence evidence;
  std::optional<Contact> contact;  // none before the first
  UnixTime seen{};                 // of the last contact, for people: the best guess at that time
};

Bytes encode_heard_time(const HeardTime& heard);
Result<HeardTime> parse_heard_time(ByteView bytes);  // kStorageDamaged

// Identifies the machine and its boot; each is "" if unknown.
struct BootIdentity {
  std::string boot;
  std::string machine;
};

class TrustedClock {
 public:
  // Continues from `saved`.
  TrustedClock(const AwakeMark& saved, HeardTime heard, const Clock& clock, BootIdentity boot);

  TrustedTime read() const { return trusted_time(heard_.evidence, readings()); }
  const HeardTime& heard() const { return heard_; }
  // The time by which an update judges expiry; `newest` as in time_rules.hpp.
  UnixTime time_of_update(const SignedTime* newest) const;
  // Takes in a verified timestamp that has not expired, and renews the contact if the rules allow:
  // true then.
  bool hear(const SignedTime& timestamp, UnixTime earliest_expiry);

  AwakeMark mark() const;
  // True if the saved mark misses so much that it should be saved again: a boot, or a minute.
  bool mark_is_old() const;

 private:
  Awake awake() const;
  ClockReadings readings() const { return {.wall = clock_->wall(), .awake = awake()}; }

  const Clock* clock_;
  BootIdentity boot_;
  AwakeMark saved_;
  AwakeMark base_;  // of this boot
  HeardTime heard_;
};

}  // namespace rootlet::agent
