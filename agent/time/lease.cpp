// Access to a dataset, from its grant and the rules of time (docs/time.md).
#include "agent/time/lease.hpp"

#include <algorithm>

namespace rootlet::agent {

Error machine_is_lost() {
  return Error(ErrorCode::kNotPermitted,
               "this machine was reported lost; its data is locked, not erased", {},
               {.en = "If it is in good hands, the platform's operator lets it go on: "
                      "`rootlet-platform office resume`. Then sync.",
                .zh = "若机器安全，请平台管理员运行 rootlet-platform office resume，然后同步。"});
}

Error home_is_a_copy() {
  return Error(ErrorCode::kNotPermitted,
               "this home may be an older copy of itself; its data is locked, not erased", {},
               {.en = "Sync: `rootlet sync`. The lock goes when the platform has been heard. "
                      "`rootlet doctor` says why the machine's TPM does not vouch for the home.",
                .zh = "请运行 rootlet sync：与平台联系后自动解锁。rootlet doctor "
                      "会说明 TPM 为何无法证明数据目录是最新的。"});
}

Lease decide_lease(const LeaseFacts& facts) {
  if (facts.grant == nullptr) return {};
  const LeaseTerms terms{.lease = std::chrono::days(facts.grant->lease_days),
                         .grant_until = facts.grant->until};
  const LeaseDecision decision = decide_time(terms, facts.contact, facts.time);
  Lease lease{.access = Access::kOpen,
              .until = decision.until,
              .is_emergency = facts.grant->emergency.has_value()};
  if (decision.verdict == LeaseVerdict::kErase) {
    lease.access = Access::kErase;
  } else if (facts.suspended || facts.lost || facts.copy) {
    lease.access = Access::kSuspended;
    lease.is_lost = facts.lost;
    lease.is_copy = facts.copy;
  } else if (decision.verdict == LeaseVerdict::kLocked) {
    lease.access = Access::kEnded;
  }
  return lease;
}

std::string_view name_of(Access access) {
  switch (access) {
    case Access::kOpen:
      return "open";
    case Access::kSuspended:
      return "suspended";
    case Access::kEnded:
      return "ended";
    case Access::kErase:
      return "erase";
    case Access::kNotGranted:
      return "not_granted";
  }
  return "not_granted";
}

Status check_lease(const Lease& lease, std::string_view dataset) {
  const std::string name(dataset);
  switch (lease.access) {
    case Access::kOpen:
      return ok();
    case Access::kSuspended:
      if (lease.is_lost) return machine_is_lost();
      if (lease.is_copy) return home_is_a_copy();
      return fail(ErrorCode::kNotPermitted, "the grant for dataset " + name + " is suspended");
    case Access::kEnded:
    case Access::kErase:
      return fail(ErrorCode::kLeaseEnded,
                  "the lease of dataset " + name + " ended at " + format_time(lease.until));
    case Access::kNotGranted:
      break;
  }
  return fail(ErrorCode::kNotPermitted, "this office has no grant for dataset " + name);
}

Status check_purpose(const Grant& grant, std::string_view purpose) {
  if (std::find(grant.purposes.begin(), grant.purposes.end(), purpose) != grant.purposes.end()) {
    return ok();
  }
  std::string allowed;
  for (const std::string& one : grant.purposes) allowed += (allowed.empty() ? "" : ", ") + one;
  const std::string named =
      purpose.empty() ? "no purpose was named" : "purpose '" + std::string(purpose) + "'";
  return fail(ErrorCode::kNotPermitted, named + ": the grant for dataset " + grant.dataset +
                                            " allows: " + (allowed.empty() ? "none" : allowed));
}

}  // namespace rootlet::agent
