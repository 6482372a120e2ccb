// Checks that a changed definition keeps the shape that offices already hold rows of.
#include "platform/office/catalogue.hpp"

#include "platform/office/references.hpp"
#include "platform/publish/publisher.hpp"
#include "platform/realm/find_dataset.hpp"

namespace rootlet::platform {
namespace {

bool same_shape(const DatasetDefinition& a, const DatasetDefinition& b) {
  if (a.provider_code != b.provider_code || a.division_column != b.division_column ||
      a.division_digits != b.division_digits || a.columns.size() != b.columns.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.columns.size(); ++i) {
    const DatasetColumn& x = a.columns[i];
    const DatasetColumn& y = b.columns[i];
    if (!(x.spec == y.spec) || x.key != y.key || x.grade != y.grade || x.mask != y.mask) {
      return false;
    }
  }
  return true;
}

Status check_change(Registry& registry, const DatasetDefinition& definition) {
  ROOTLET_TRY(const auto held, registry.dataset(definition.id));
  if (!held.has_value()) return ok();
  ROOTLET_TRY(const std::vector<StreamEntry> streams, registry.streams(definition.id));
  ROOTLET_TRY(const DatasetDefinition before,
              DatasetDefinition::parse(*held, "dataset " + definition.id));
  if (streams.empty() || same_shape(before, definition)) return ok();
  return fail(ErrorCode::kUsage,
              "dataset " + definition.id +
                  " is published already: its columns, key, division and provider cannot change; "
                  "give the new shape a new id");
}

}  // namespace

Status add_dataset(Realm& realm, const DatasetDefinition& definition, UnixTime now) {
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  ROOTLET_TRY(finish_interrupted(realm, now));
  Registry& registry = realm.registry();
  ROOTLET_TRY(const std::optional<WithdrawnDataset> gone,
              registry.withdrawn_dataset(definition.id));
  if (gone.has_value()) return was_withdrawn(*gone);
  ROOTLET_TRY(check_change(registry, definition));
  ROOTLET_TRY(check_references_to(registry, definition));
  ROOTLET_TRY(Transaction transaction, registry.begin());
  const std::string role = publisher_role(definition.provider_code);
  ROOTLET_TRY(const bool has_key, registry.has_secret(role));
  if (!has_key) {
    ROOTLET_TRY(registry.save_secret(role, SymmetricKey::random()));
  }
  ROOTLET_TRY(registry.save_dataset(definition.id, definition.source));
  return commit_repository(realm, std::move(transaction), now);
}

Status add_form(Realm& realm, const FormDefinition& form, UnixTime now) {
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  ROOTLET_TRY(finish_interrupted(realm, now));
  Registry& registry = realm.registry();
  ROOTLET_TRY(const std::vector<FormEntry> forms, registry.forms());
  for (const FormEntry& held : forms) {
    if (held.id != form.id || held.version < form.version) continue;
    if (held.version == form.version && held.definition == form.source) return ok();
    return fail(ErrorCode::kUsage, "form " + form.id + " has version " +
                                       std::to_string(held.version) +
                                       " already: a changed form needs a higher version");
  }
  ROOTLET_TRY(check_prefill(registry, form));
  ROOTLET_TRY(Transaction transaction, registry.begin());
  ROOTLET_TRY(
      registry.save_form({.id = form.id, .version = form.version, .definition = form.source}));
  return commit_repository(realm, std::move(transaction), now);
}

}  // namespace rootlet::platform
