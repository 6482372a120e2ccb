#include "platform/intake/desk.hpp"

#include "platform/repository/repository.hpp"

namespace rootlet::platform {
namespace {

OfficeStatus status_of(OfficeState state) {
  if (state == OfficeState::kRevoked) return OfficeStatus::kRevoked;
  return state == OfficeState::kSuspended ? OfficeStatus::kSuspended : OfficeStatus::kActive;
}

}  // namespace

Result<std::unique_ptr<Desk>> Desk::open(const fs::path& folder) {
  ROOTLET_TRY(Realm realm, Realm::open(folder));
  std::unique_ptr<Desk> desk(new Desk(std::move(realm)));
  Registry& registry = desk->realm_.registry();
  ROOTLET_TRY(desk->statement_key_, registry.signing_key("statement"));
  ROOTLET_TRY(desk->ingest_key_, registry.sealing_key("ingest"));
  IntakeKeys keys{
      .realm = {}, .statement_key = &desk->statement_key_, .ingest_key = &desk->ingest_key_};
  ROOTLET_TRY(keys.realm, registry.needed_setting(kSettingRealmId));
  const RealmFolder& paths = desk->realm_.folder();
  ROOTLET_TRY(desk->intake_, Intake::open({.inbox = paths.inbox(), .records = paths.records()},
                                          desk->realm_.key(), std::move(keys)));
  return desk;
}

Result<std::optional<OfficeKeys>> Desk::find_office(const std::string& office) {
  ROOTLET_TRY(const std::optional<OfficeEntry> entry, realm_.registry().office(office));
  if (!entry.has_value() || !entry->signing_key.has_value() || !entry->sealing_key.has_value()) {
    return std::optional<OfficeKeys>();
  }
  return std::optional<OfficeKeys>({.signing_key = *entry->signing_key,
                                    .sealing_key = *entry->sealing_key,
                                    .status = status_of(entry->state)});
}

Result<std::optional<FormDefinition>> Desk::find_form(const std::string& form, int version) {
  ROOTLET_TRY(const std::optional<FormEntry> entry, realm_.registry().form(form, version));
  if (!entry.has_value()) return std::optional<FormDefinition>();
  ROOTLET_TRY(FormDefinition definition, FormDefinition::parse(entry->definition, "form " + form));
  return std::optional<FormDefinition>(std::move(definition));
}

}  // namespace rootlet::platform
