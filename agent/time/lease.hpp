// Decides whether a dataset may be read now and whether its copy must be erased. Pure: depends only
// on the grant, the last contact and trusted time; the rules are in time_rules.hpp.
#pragma once

#include "agent/time/time_rules.hpp"
#include "sync/trust/office/grant.hpp"

namespace rootlet::agent {

enum class Access {
  kOpen,
  kSuspended,  // the platform suspended it, or the machine reported itself lost: locked, not erased
  kEnded,      // one clock says that it ended: locked, not erased
  kErase,      // the signed and the awake clock agree that it ended: destroy the key
  kNotGranted,  // no grant. If the office holds a grant file that leaves it out: destroy the key
};

struct Lease {
  Access access = Access::kNotGranted;
  UnixTime until{};           // the end of the lease or of the grant, whichever is earlier
  bool is_emergency = false;  // by a grant that was given in an emergency
  bool is_lost = false;       // kSuspended because the machine reported itself lost
  bool is_copy = false;       // kSuspended because the home may be an older copy of itself
};

struct LeaseFacts {
  const Grant* grant = nullptr;
  bool suspended = false;
  bool lost = false;  // the machine reported itself lost, and the platform has not settled that
  bool copy = false;  // the home may be an older copy, and the platform was not heard since
  std::optional<Contact> contact;  // none before the first
  TrustedTime time;
};

Lease decide_lease(const LeaseFacts& facts);

std::string_view name_of(Access access);  // "open", "suspended", "ended", "erase", "not_granted"

Error machine_is_lost();  // kNotPermitted
Error home_is_a_copy();   // kNotPermitted

// kNotPermitted or kLeaseEnded unless the lease is open.
Status check_lease(const Lease& lease, std::string_view dataset);
// kNotPermitted, with the allowed purposes, unless the grant allows `purpose`.
Status check_purpose(const Grant& grant, std::string_view purpose);

}  // namespace rootlet::agent
