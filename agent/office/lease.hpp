// Decides whether a dataset may be read now and whether its copy must be erased. Pure: depends only
// on the grant, the last contact and trusted time (docs/adr/0006-leases-and-clocks.md).
#pragma once

#include "agent/office/trusted_clock.hpp"
#include "sync/trust/office/grant.hpp"

namespace rootlet::agent {

enum class Access {
  kOpen,
  kSuspended,   // the platform suspended it: locked, not erased
  kEnded,       // ended by the wall clock only, which may be wrong: locked, not erased
  kErase,       // ended before the floor of trusted time: destroy the key
  kNotGranted,  // no grant, or no longer: destroy the key
};

struct Lease {
  Access access = Access::kNotGranted;
  UnixTime until{};  // the end of the lease or of the grant, whichever is earlier
};

struct LeaseFacts {
  const Grant* grant = nullptr;
  bool suspended = false;
  UnixTime contact{};  // when the agent last got fresh, verified metadata
  TrustedTime time;
};

Lease decide_lease(const LeaseFacts& facts);

// The time of contact: now, but no later than the metadata's own expiry.
UnixTime decide_contact(const TrustedTime& time, UnixTime timestamp_expires);

std::string_view name_of(Access access);  // "open", "suspended", "ended", "erase", "not_granted"

// kNotPermitted or kLeaseEnded unless the lease is open.
Status check_lease(const Lease& lease, std::string_view dataset);
// kNotPermitted, with the allowed purposes, unless the grant allows `purpose`.
Status check_purpose(const Grant& grant, std::string_view purpose);

}  // namespace rootlet::agent
