// May this dataset be read now, and must its copy go? Pure: the answer follows from the grant, the
// last contact and the trusted time alone (DESIGN 4.6).
#pragma once

#include "agent/office/trusted_clock.hpp"
#include "sync/trust/office/grant.hpp"

namespace rootlet::agent {

enum class Access {
  kOpen,
  kSuspended,   // locked by the platform, kept
  kEnded,       // by the wall clock only: locked, kept, since that clock may be wrong
  kErase,       // the floor says so: the key is destroyed
  kNotGranted,  // there is no grant (any more): the key is destroyed
};

struct Lease {
  Access access = Access::kNotGranted;
  UnixTime until{};  // the earlier of the lease's and the grant's end
};

struct LeaseFacts {
  const Grant* grant = nullptr;
  bool suspended = false;
  UnixTime contact{};  // when fresh, verified metadata was last seen
  TrustedTime time;
};

Lease decide_lease(const LeaseFacts& facts);

// The moment that counts as contact: now, but never after the metadata itself has expired.
UnixTime decide_contact(const TrustedTime& time, UnixTime timestamp_expires);

std::string_view name_of(Access access);  // "open", "suspended", "ended", "erase", "not_granted"

// kNotPermitted or kLeaseEnded unless the lease is open.
Status check_lease(const Lease& lease, std::string_view dataset);
// kNotPermitted, naming the purposes there are, unless the grant allows `purpose`.
Status check_purpose(const Grant& grant, std::string_view purpose);

}  // namespace rootlet::agent
