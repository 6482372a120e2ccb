// Looks up offices and forms in the registry for the intake.
#include "platform/intake/intake_session.hpp"

#include "platform/repository/repository.hpp"

namespace rootlet::platform {
namespace {

OfficeStatus status_of(OfficeState state) {
  if (state == OfficeState::kRevoked) return OfficeStatus::kRevoked;
  return state == OfficeState::kSuspended ? OfficeStatus::kSuspended : OfficeStatus::kActive;
}

}  // namespace

Result<std::unique_ptr<IntakeSession>> IntakeSession::open(const fs::path& folder,
                                                           SigningClock clock,
                                                           const IntakeLimits& limits) {
  ROOTLET_TRY(Realm realm, Realm::open(folder, std::move(clock)));
  std::unique_ptr<IntakeSession> session(new IntakeSession(std::move(realm)));
  Registry& registry = session->realm_.registry();
  ROOTLET_TRY(session->statement_key_, registry.signing_key("statement"));
  ROOTLET_TRY(session->ingest_key_, registry.sealing_key("ingest"));
  IntakeKeys keys{
      .realm = {}, .statement_key = &session->statement_key_, .ingest_key = &session->ingest_key_};
  ROOTLET_TRY(keys.realm, registry.needed_setting(kSettingRealmId));
  const RealmFolder& paths = session->realm_.folder();
  ROOTLET_TRY(session->intake_, Intake::open({.inbox = paths.inbox(), .records = paths.records()},
                                             session->realm_.key(), std::move(keys), limits));
  return session;
}

Result<std::optional<OfficeKeys>> IntakeSession::find_office(const std::string& office) {
  ROOTLET_TRY(const std::optional<OfficeEntry> entry, realm_.registry().office(office));
  if (!entry.has_value() || !entry->signing_key.has_value() || !entry->sealing_key.has_value()) {
    return std::optional<OfficeKeys>();
  }
  return std::optional<OfficeKeys>({.signing_key = *entry->signing_key,
                                    .sealing_key = *entry->sealing_key,
                                    .status = status_of(entry->state)});
}

Result<std::vector<PublicKey>> IntakeSession::former_keys(const std::string& office) {
  ROOTLET_TRY(const std::vector<FormerKeys> former, realm_.registry().former_keys(office));
  std::vector<PublicKey> keys;
  for (const FormerKeys& each : former) keys.push_back(each.signing_key);
  return keys;
}

Result<std::optional<FormDefinition>> IntakeSession::find_form(const std::string& form,
                                                               int version) {
  ROOTLET_TRY(const std::optional<FormEntry> entry, realm_.registry().form(form, version));
  if (!entry.has_value()) return std::optional<FormDefinition>();
  ROOTLET_TRY(FormDefinition definition, FormDefinition::parse(entry->definition, "form " + form));
  return std::optional<FormDefinition>(std::move(definition));
}

}  // namespace rootlet::platform
