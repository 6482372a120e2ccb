// Grants of membership.hpp: what a grant must satisfy, and the acts that save one.
#include <algorithm>

#include "platform/office/membership.hpp"
#include "platform/office/references.hpp"
#include "platform/office/revocation.hpp"
#include "platform/publish/publisher.hpp"
#include "platform/realm/find_dataset.hpp"

namespace rootlet::platform {
namespace {

Status check_purposes(const DatasetDefinition& definition, const Grant& grant) {
  for (const std::string& purpose : grant.purposes) {
    ROOTLET_TRY(check_identifier(purpose, "purposes"));
    if (allows_purpose(definition, purpose)) continue;
    std::string known;
    for (const std::string& use : definition.uses) known += (known.empty() ? "" : ", ") + use;
    Error error =
        fail(ErrorCode::kNotPermitted,
             "purpose " + purpose + " is not among the uses of " + definition.id + ": " + known);
    error.field = "purposes";
    return error;
  }
  return grant.purposes.empty() ? bad_input("purposes: a grant names at least one", "purposes")
                                : ok();
}

Status check_mode(const Grant& grant) {
  const bool shows_rows = grant.mode == kModeFull || grant.mode == kModeMasked;
  if (!shows_rows && grant.mode != kModeVerify && grant.mode != kModeNone) {
    return bad_input("mode: full, masked, verify or none", "mode");
  }
  if (!shows_rows && grant.may_export) {
    return bad_input("export: a grant of mode " + grant.mode + " shows no rows, so none leave",
                     "export");
  }
  return ok();
}

// An emergency grant ends by itself: it is never made longer than it could be when it was given.
Status check_emergency(const Grant& grant) {
  if (!grant.emergency) return ok();
  if (grant.emergency->reason.empty()) {
    return bad_input("reason: an emergency grant names its reason", "reason");
  }
  const UnixTime last = grant.emergency->since + kEmergencyLife;
  if (grant.until <= last) return ok();
  return bad_input("until: an emergency grant lasts at most " +
                       std::to_string(kEmergencyLife.count()) + " days, here until " +
                       format_time(last),
                   "until",
                   {.en = "For longer work remove it and add an ordinary grant.",
                    .zh = "需要更长时间的，请收回应急授权，另行办理普通授权。"});
}

Status check_caps(const GrantCaps& caps) {
  if (caps.rows < 0 || caps.rows > kLargestCaps.rows) {
    return bad_input("max-rows: between 1 and " + std::to_string(kLargestCaps.rows), "max-rows");
  }
  if (caps.exports < 0 || caps.exports > kLargestCaps.exports) {
    return bad_input("max-exports: between 1 and " + std::to_string(kLargestCaps.exports),
                     "max-exports");
  }
  return ok();
}

Status check_grant(const DatasetDefinition& definition, const Grant& grant, UnixTime now) {
  if (definition.sharing == SharingAttribute::kNotShared) {
    return fail(ErrorCode::kNotPermitted,
                "dataset " + definition.id + " is not shared: " + definition.reason);
  }
  ROOTLET_TRY(check_purposes(definition, grant));
  if (grant.divisions.empty()) return bad_input("divisions: name at least one", "divisions");
  for (const std::string& division : grant.divisions) {
    ROOTLET_TRY(check_division(division, "divisions"));
  }
  if (grant.max_grade < 1 || grant.max_grade > 4) {
    return bad_input("max-grade: a grade is 1, 2, 3 or 4", "max-grade");
  }
  if (grant.lease_days < 1 || grant.lease_days > 3650) {
    return bad_input("lease-days: between 1 and 3650", "lease-days");
  }
  if (grant.until <= now) return bad_input("until: this day has passed", "until");
  ROOTLET_TRY(check_mode(grant));
  ROOTLET_TRY(check_emergency(grant));
  return check_caps(grant.caps);
}

Status check_join(Registry& registry, const Grant& grant) {
  for (const std::string& dataset : grant.join) {
    if (dataset == grant.dataset) return bad_input("join: names the dataset itself", "join");
    const Result<DatasetDefinition> found = find_dataset(registry, dataset);
    if (found.has_error()) return within("join", found.error());
  }
  return ok();
}

Result<std::optional<Grant>> find_grant(Registry& registry, const std::string& office,
                                        const std::string& dataset) {
  ROOTLET_TRY(std::vector<Grant> grants, registry.grants_of(office));
  for (Grant& grant : grants) {
    if (grant.dataset == dataset) return std::optional<Grant>(std::move(grant));
  }
  return std::optional<Grant>();
}

// Saves a grant that satisfies every rule, and publishes it. `narrowed`: divisions of which it
// opens less than the grant before.
Status save_checked(Realm& realm, const std::string& office, const DatasetDefinition& definition,
                    const Grant& grant, const std::vector<std::string>& narrowed, CoverageRule rule,
                    UnixTime now) {
  Registry& registry = realm.registry();
  ROOTLET_TRY(check_grant(definition, grant, now));
  ROOTLET_TRY(check_join(registry, grant));
  ROOTLET_TRY(check_one_partition(definition, grant));
  if (rule == CoverageRule::kRequired) {
    ROOTLET_TRY(const std::vector<StreamEntry> streams, registry.streams(grant.dataset));
    ROOTLET_TRY(check_coverage(definition, grant, streams));
  }
  ROOTLET_TRY(Transaction transaction, registry.begin());
  ROOTLET_TRY(registry.save_grant(office, grant));
  ROOTLET_TRY(registry.queue_rekeys(grant.dataset, narrowed));
  ROOTLET_TRY(commit_repository(realm, std::move(transaction), now));
  ROOTLET_TRY(finish_rekeys(realm, now));
  return ok();
}

}  // namespace

Result<Grant> add_grant(Realm& realm, const std::string& office, Grant grant, CoverageRule rule,
                        UnixTime now) {
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  ROOTLET_TRY(finish_interrupted(realm, now));
  Registry& registry = realm.registry();
  ROOTLET_TRY(const OfficeEntry entry, find_office(registry, office));
  if (entry.state == OfficeState::kRevoked) {
    return fail(ErrorCode::kUsage, "office " + office +
                                       " is revoked, so a grant would give it nothing; "
                                       "rootlet-platform office reinvite " +
                                       office + " lets its next machine in first");
  }
  ROOTLET_TRY(const DatasetDefinition definition, find_dataset(registry, grant.dataset));
  ROOTLET_TRY(const std::optional<Grant> held, find_grant(registry, office, grant.dataset));
  if (held.has_value()) {
    return fail(ErrorCode::kUsage, "office " + office + " has a grant for " + grant.dataset +
                                       " already; rootlet-platform grant set " + office + " " +
                                       grant.dataset + " changes it");
  }
  if (grant.divisions.empty()) grant.divisions = default_divisions(definition, entry.division);
  ROOTLET_TRY(save_checked(realm, office, definition, grant, {}, rule, now));
  return grant;
}

Result<ChangedGrant> change_grant(Realm& realm, const std::string& office,
                                  const std::string& dataset, CoverageRule rule,
                                  const std::function<Status(Grant&)>& edit, UnixTime now) {
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  ROOTLET_TRY(finish_interrupted(realm, now));
  Registry& registry = realm.registry();
  ROOTLET_TRY(find_office(registry, office));
  ROOTLET_TRY(const DatasetDefinition definition, find_dataset(registry, dataset));
  ROOTLET_TRY(const std::optional<Grant> held, find_grant(registry, office, dataset));
  if (!held.has_value()) {
    return fail(ErrorCode::kUsage, "office " + office + " has no grant for " + dataset +
                                       "; rootlet-platform grant add makes one");
  }
  ChangedGrant changed{.before = *held, .after = *held};
  ROOTLET_TRY(edit(changed.after));
  ROOTLET_TRY(save_checked(realm, office, definition, changed.after,
                           narrowed_divisions(changed.before, changed.after), rule, now));
  return changed;
}

Status remove_grant(Realm& realm, const std::string& office, const std::string& dataset,
                    UnixTime now) {
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  ROOTLET_TRY(finish_interrupted(realm, now));
  Registry& registry = realm.registry();
  ROOTLET_TRY(find_office(registry, office));
  ROOTLET_TRY(const std::optional<Grant> held, find_grant(registry, office, dataset));
  if (!held.has_value()) {
    return fail(ErrorCode::kUsage, "office " + office + " has no grant for " + dataset);
  }
  ROOTLET_TRY(Transaction transaction, registry.begin());
  ROOTLET_TRY(registry.remove_grant(office, dataset));
  ROOTLET_TRY(registry.queue_rekeys(dataset, held->divisions));
  ROOTLET_TRY(commit_repository(realm, std::move(transaction), now));
  ROOTLET_TRY(finish_rekeys(realm, now));
  return ok();
}

}  // namespace rootlet::platform
