// The order goes out first, in one commit with the queue of streams to give new keys; these follow
// in commits of their own, and the next publish finishes what a power cut left in the queue.
#include "platform/office/revocation.hpp"

#include <algorithm>

#include "platform/office/membership.hpp"
#include "platform/publish/publisher.hpp"

namespace rootlet::platform {
namespace {

Error wrong_state(const OfficeEntry& office, std::string_view wanted, std::string_view act) {
  return fail(ErrorCode::kUsage, "office " + office.id + " is " +
                                     std::string(name_of(office.state)) + "; only an office that " +
                                     std::string(wanted) + " can be " + std::string(act) +
                                     ", so nothing was changed");
}

// Of an office that was suspended they are new already.
Status queue_rekeys_of(Registry& registry, const OfficeEntry& office, std::size_t& grants) {
  ROOTLET_TRY(const std::vector<Grant> held, registry.grants_of(office.id));
  grants = held.size();
  if (office.state == OfficeState::kSuspended || !office.signing_key.has_value()) return ok();
  for (const Grant& grant : held) {
    ROOTLET_TRY(registry.queue_rekeys(grant.dataset, grant.divisions));
  }
  return ok();
}

Result<OfficeChange> change_state(Realm& realm, OfficeEntry office, OfficeState after,
                                  UnixTime now) {
  OfficeChange change{.before = office.state, .after = after};
  Registry& registry = realm.registry();
  ROOTLET_TRY(Transaction transaction, registry.begin());
  if (after != OfficeState::kEnrolled) {
    ROOTLET_TRY(queue_rekeys_of(registry, office, change.grants));
  }
  office.state = after;
  ROOTLET_TRY(registry.save_office(office));
  ROOTLET_TRY(commit_repository(realm, std::move(transaction), now));
  ROOTLET_TRY(change.streams, finish_rekeys(realm, now));
  return change;
}

Result<OfficeEntry> begin(Realm& realm, const std::string& office, UnixTime now) {
  ROOTLET_TRY(finish_interrupted(realm, now));
  return find_office(realm.registry(), office);
}

}  // namespace

Result<OfficeChange> suspend_office(Realm& realm, const std::string& office, UnixTime now) {
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  ROOTLET_TRY(OfficeEntry entry, begin(realm, office, now));
  if (entry.state != OfficeState::kEnrolled) {
    return wrong_state(entry, "has enrolled", "suspended");
  }
  return change_state(realm, std::move(entry), OfficeState::kSuspended, now);
}

Result<OfficeChange> resume_office(Realm& realm, const std::string& office, const std::string& loss,
                                   UnixTime now) {
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  ROOTLET_TRY(OfficeEntry entry, begin(realm, office, now));
  const bool settles =
      !loss.empty() && loss != entry.settled_loss && entry.state == OfficeState::kEnrolled;
  if (entry.state != OfficeState::kSuspended && !settles) {
    return wrong_state(entry, "is suspended, or has reported its machine lost,", "resumed");
  }
  if (!loss.empty()) entry.settled_loss = loss;
  return change_state(realm, std::move(entry), OfficeState::kEnrolled, now);
}

Result<OfficeChange> revoke_office(Realm& realm, const std::string& office, UnixTime now) {
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  ROOTLET_TRY(OfficeEntry entry, begin(realm, office, now));
  if (entry.state == OfficeState::kRevoked) {
    return wrong_state(entry, "is not revoked yet", "revoked");
  }
  return change_state(realm, std::move(entry), OfficeState::kRevoked, now);
}

Status remove_office(Realm& realm, const std::string& office, UnixTime now) {
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  ROOTLET_TRY(OfficeEntry entry, begin(realm, office, now));
  if (entry.state != OfficeState::kRevoked) return wrong_state(entry, "is revoked", "removed");
  Registry& registry = realm.registry();
  ROOTLET_TRY(Transaction transaction, registry.begin());
  ROOTLET_TRY(registry.remove_office(entry));
  return commit_repository(realm, std::move(transaction), now);
}

std::vector<std::string> narrowed_divisions(const Grant& before, const Grant& after) {
  if (after.opened_grade() < before.opened_grade()) return before.divisions;
  std::vector<std::string> found;
  for (const std::string& division : before.divisions) {
    const bool stays = std::ranges::any_of(
        after.divisions, [&](const std::string& one) { return division_covers(one, division); });
    if (!stays) found.push_back(division);
  }
  return found;
}

}  // namespace rootlet::platform
