// The rules of time of an office (docs/time.md), pure: no clock, file or socket. Three clocks
// speak:
//   wall    the machine's date and time; may say anything
//   awake   how long this machine was on, added up over all boots; only grows
//   signed  the issue time of the newest timestamp that the platform signed, plus the time awake
//           since
// Any clock that says a lease is over locks the data. Erasing needs two that agree, signed and
// awake. A newer statement of the platform with an earlier time takes the older one back, so one
// wrong clock upstream heals when it is right again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"

namespace rootlet::agent {

using Awake = std::chrono::milliseconds;

// A count of the time awake, as saved.
struct AwakeMark {
  Awake total{0};
  Awake since_boot{0};  // when `total` was counted
  std::string boot;     // the kernel's boot id then; "" if it has none
  std::string machine;  // "" if unknown
  bool operator==(const AwakeMark&) const = default;
};

// What the machine says now.
struct BootReading {
  Awake since_boot{0};
  std::string_view boot, machine;
};

// The time awake until now. Never more than passed: without a boot id, a longer uptime is taken for
// the same boot; a home copied from another machine starts to count when it is first opened.
Awake count_awake(const AwakeMark& saved, const BootReading& now);

// What one signed timestamp says of time.
struct SignedTime {
  std::int64_t root_version = 0;  // of the root that verified it
  std::int64_t version = 0;       // 0: none
  std::optional<UnixTime> issued = {};
  UnixTime expires{};
  bool operator==(const SignedTime&) const = default;
};

// A time that was believed when the awake clock showed `awake`.
struct Anchor {
  UnixTime time{};  // the Unix epoch: none
  Awake awake{0};
  bool is_set() const { return time != UnixTime{}; }
  UnixTime at(Awake now) const;  // `time` plus the time awake since
  bool operator==(const Anchor&) const = default;
};

// What the office remembers of what the platform signed.
struct TimeEvidence {
  SignedTime newest;  // the newest timestamp heard
  Anchor said;        // the newest whose issue time is credible: the signed clock
  Anchor trial;       // the first of a row of timestamps that do not contradict each other
  Anchor proven;  // one that later timestamps bore out for kBorneOut: the base of the awake clock
  bool operator==(const TimeEvidence&) const = default;
};

// How long the platform's timestamps must agree, in time awake, before the awake clock starts from
// one of them: a wrong clock upstream that is noticed within a week never moves it.
inline constexpr Awake kBorneOut = std::chrono::days(7);

// True if the platform signed `offered` after `held`.
bool is_newer(const SignedTime& offered, const SignedTime& held);

// Takes in a verified timestamp. `earliest_expiry` is the earliest expiry of all metadata verified
// with it: an issue time after it contradicts other signatures, and moves nothing.
TimeEvidence learn_time(TimeEvidence evidence, const SignedTime& heard, UnixTime earliest_expiry,
                        Awake awake);

struct ClockReadings {
  UnixTime wall{};
  Awake awake{0};
};

struct TrustedTime {
  UnixTime floor{};    // the signed or the awake clock says: not earlier than this
  UnixTime now{};      // max(floor, wall): any clock says so, for decisions that lock
  UnixTime certain{};  // the signed and the awake clock agree; the Unix epoch while one is unknown
  Awake awake{0};
};

TrustedTime trusted_time(const TimeEvidence& evidence, const ClockReadings& clocks);

// The time by which an update judges the expiry of metadata, before (`newest` null) and after its
// timestamp is verified. A timestamp heard before ages by its own issue time. A newer one is judged
// by the wall and the awake clock; if it takes an earlier one back, by the wall clock alone.
UnixTime time_of_update(const TimeEvidence& evidence, const ClockReadings& clocks,
                        const SignedTime* newest);

// When the platform was last heard, from which leases count.
struct Contact {
  UnixTime at{};  // never later than the signed or the awake clock: no wall clock lengthens a lease
  Awake awake{0};
};

// nullopt if the newest timestamp has no credible time or has expired by its own: then the lease is
// not renewed.
std::optional<Contact> decide_contact(const TimeEvidence& evidence, Awake awake);

struct LeaseTerms {
  std::chrono::days lease{0};
  UnixTime grant_until{};
};

enum class LeaseVerdict { kOpen, kLocked, kErase };

struct LeaseDecision {
  LeaseVerdict verdict = LeaseVerdict::kLocked;
  UnixTime until{};  // the end of the lease or of the grant, whichever is earlier
};

// Never erases before the first contact.
LeaseDecision decide_time(const LeaseTerms& terms, const std::optional<Contact>& contact,
                          const TrustedTime& time);

}  // namespace rootlet::agent
