// One commit ends the grants and forgets the packs; the files follow, and the next command that
// writes finishes what a power cut left of them (finish_interrupted()).
#include "platform/office/withdrawal.hpp"

#include "platform/publish/publisher.hpp"
#include "platform/realm/find_dataset.hpp"
#include "sync/uplink/form/form.hpp"

namespace rootlet::platform {
namespace {

Result<std::vector<std::string>> forms_of(Registry& registry, const std::string& id) {
  std::vector<std::string> found;
  ROOTLET_TRY(const std::vector<FormEntry> forms, registry.forms());
  for (const FormEntry& entry : forms) {
    ROOTLET_TRY(const FormDefinition form,
                FormDefinition::parse(entry.definition, "form " + entry.id));
    if (form.prefill.has_value() && form.prefill->dataset == id) found.push_back(form.id);
  }
  return found;
}

Result<std::size_t> count_grants(Registry& registry, const std::string& id) {
  std::size_t count = 0;
  ROOTLET_TRY(const std::vector<OfficeEntry> offices, registry.offices());
  for (const OfficeEntry& office : offices) {
    ROOTLET_TRY(const std::vector<Grant> grants, registry.grants_of(office.id));
    for (const Grant& grant : grants) count += grant.dataset == id ? 1 : 0;
  }
  return count;
}

}  // namespace

Result<Withdrawal> withdraw_dataset(Realm& realm, const std::string& id, const std::string& reason,
                                    UnixTime now) {
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  ROOTLET_TRY(finish_interrupted(realm, now));
  Registry& registry = realm.registry();
  ROOTLET_TRY(const DatasetDefinition definition, find_dataset(registry, id));
  Withdrawal done;
  ROOTLET_TRY(done.grants, count_grants(registry, id));
  ROOTLET_TRY(done.forms, forms_of(registry, id));
  ROOTLET_TRY(const std::vector<StreamEntry> streams, registry.streams(id));
  done.streams = streams.size();
  for (const StreamEntry& stream : streams) done.rows += stream.rows;
  ROOTLET_TRY(Transaction transaction, registry.begin());
  ROOTLET_TRY(registry.withdraw_dataset(
      {.id = id, .definition = definition.source, .at = now, .reason = reason}));
  ROOTLET_TRY(commit_repository(realm, std::move(transaction), now));
  ROOTLET_TRY(finish_interrupted(realm, now));
  return done;
}

}  // namespace rootlet::platform
