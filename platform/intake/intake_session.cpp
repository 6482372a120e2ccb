// Opens the homes' files, and looks up offices and forms in them.
#include "platform/intake/intake_session.hpp"

#include "platform/homes/home_address.hpp"
#include "platform/homes/home_key.hpp"
#include "platform/online/online_roles.hpp"

namespace rootlet::platform {
namespace {

OfficeStatus status_of(OfficeState state) {
  if (state == OfficeState::kRevoked) return OfficeStatus::kRevoked;
  return state == OfficeState::kSuspended ? OfficeStatus::kSuspended : OfficeStatus::kActive;
}

}  // namespace

// --- the gateway
// ----------------------------------------------------------------------------------

Result<std::unique_ptr<GateSession>> GateSession::open(const ServingFolder& folder,
                                                       const IntakeLimits& limits) {
  ROOTLET_TRY(ServingHome home, ServingHome::open(folder));
  std::unique_ptr<GateSession> session(new GateSession(std::move(home)));
  ROOTLET_TRY(session->receipt_key_, session->home_.secrets().signing_key("receipt"));
  IntakeKeys keys{.realm = {}, .receipt_key = &session->receipt_key_};
  ROOTLET_TRY(keys.realm, session->home_.settings().needed(kSettingRealmId));
  ROOTLET_TRY(std::string database, load_address(folder.address()));
  const IntakePlaces places{.inbox = {folder.inbox(), &session->home_.key(), std::move(database)}};
  ROOTLET_TRY(session->intake_, Intake::open(places, std::move(keys), limits));
  return session;
}

Result<bool> GateSession::is_current() {
  ROOTLET_TRY(const SigningKey key, home_.secrets().signing_key("receipt"));
  return key.public_key == receipt_key_.public_key;
}

Result<std::optional<OfficeKeys>> GateSession::find_office(const std::string& office) {
  ROOTLET_TRY(const std::optional<ServedOffice> entry, home_.office(office));
  if (!entry.has_value() || !entry->signing_key.has_value()) return std::optional<OfficeKeys>();
  return std::optional<OfficeKeys>(
      {.signing_key = *entry->signing_key, .sealing_key = {}, .status = status_of(entry->state)});
}

Result<std::vector<PublicKey>> GateSession::former_keys(const std::string& office) {
  ROOTLET_TRY(std::optional<ServedOffice> entry, home_.office(office));
  return entry.has_value() ? std::move(entry->former_keys) : std::vector<PublicKey>();
}

// --- validation
// -----------------------------------------------------------------------------------

Result<std::unique_ptr<IntakeSession>> IntakeSession::open(const IntakeFolder& intake,
                                                           const ServingFolder& serving) {
  ROOTLET_TRY(IntakeHome home, IntakeHome::open(intake));
  std::unique_ptr<IntakeSession> session(new IntakeSession(std::move(home)));
  ROOTLET_TRY(const std::string database, load_address(intake.address()));
  if (database.empty()) {
    ROOTLET_TRY(session->inbox_key_, load_home_key(serving.key()));
  }
  SecretTable secrets = session->home_.secrets();
  ROOTLET_TRY(session->judgement_key_, secrets.signing_key("judgement"));
  ROOTLET_TRY(SealingKey newest, secrets.sealing_key("ingest"));
  session->ingest_keys_.push_back(std::move(newest));
  ROOTLET_TRY(std::vector<SymmetricKey> former, secrets.former("ingest"));
  for (SymmetricKey& secret : former) {
    ROOTLET_TRY(SealingKey key, SealingKey::from_secret(std::move(secret)));
    session->ingest_keys_.push_back(std::move(key));
  }
  IntakeKeys keys{
      .realm = {}, .judgement_key = &session->judgement_key_, .ingest_keys = session->ingest_keys_};
  ROOTLET_TRY(keys.realm, session->home_.settings().needed(kSettingRealmId));
  const IntakePlaces places{
      .inbox = {serving.inbox(), &session->inbox_key_, database},
      .records = StorePlace{intake.records(), &session->home_.key(), database}};
  ROOTLET_TRY(session->intake_, Intake::open(places, std::move(keys)));
  return session;
}

Result<std::optional<OfficeKeys>> IntakeSession::find_office(const std::string& office) {
  ROOTLET_TRY(const std::optional<JudgedOffice> entry, home_.office(office));
  if (!entry.has_value()) return std::optional<OfficeKeys>();
  return std::optional<OfficeKeys>({.signing_key = entry->signing_key,
                                    .sealing_key = entry->sealing_key,
                                    .status = status_of(entry->state)});
}

Result<std::vector<PublicKey>> IntakeSession::former_keys(const std::string& office) {
  ROOTLET_TRY(std::optional<JudgedOffice> entry, home_.office(office));
  return entry.has_value() ? std::move(entry->former_keys) : std::vector<PublicKey>();
}

Result<std::optional<FormDefinition>> IntakeSession::find_form(const std::string& form,
                                                               int version) {
  ROOTLET_TRY(const std::optional<FormEntry> entry, home_.form(form, version));
  if (!entry.has_value()) return std::optional<FormDefinition>();
  ROOTLET_TRY(FormDefinition definition, FormDefinition::parse(entry->definition, "form " + form));
  return std::optional<FormDefinition>(std::move(definition));
}

Result<bool> IntakeSession::has_published(const SeenDirectory& seen) {
  if (published_.contains({seen.version, seen.hash})) return true;
  ROOTLET_TRY(const bool is_ours, home_.has_directory(seen.version, seen.hash));
  if (is_ours) published_.emplace(seen.version, seen.hash);
  return is_ours;
}

}  // namespace rootlet::platform
