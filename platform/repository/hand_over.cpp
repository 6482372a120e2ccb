// What the publishing home tells the serving and the intake home: offices that changed, forms, the
// versions of the roles that it signed. The other way nothing is believed but an enrolment request,
// which the office sealed to the publishing home.
#include <algorithm>

#include "platform/repository/repository.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"

namespace rootlet::platform {
namespace {

Status hand_over_office(Realm& realm, const std::string& id) {
  ROOTLET_TRY(const std::optional<OfficeEntry> entry, realm.registry().office(id));
  if (!entry.has_value()) {
    ROOTLET_TRY(realm.serving().remove_office(id));
    return realm.intake().remove_office(id);
  }
  ROOTLET_TRY(const std::vector<FormerKeys> former, realm.registry().former_keys(id));
  std::vector<PublicKey> void_keys;
  for (const FormerKeys& keys : former) void_keys.push_back(keys.signing_key);
  ROOTLET_TRY(realm.serving().save_office({.id = id,
                                           .state = entry->state,
                                           .token_hash = entry->token_hash,
                                           .token_until = entry->token_until,
                                           .signing_key = entry->signing_key,
                                           .former_keys = void_keys}));
  if (!entry->signing_key.has_value() || !entry->sealing_key.has_value()) {
    return realm.intake().remove_office(id);
  }
  return realm.intake().save_office({.id = id,
                                     .state = entry->state,
                                     .signing_key = *entry->signing_key,
                                     .sealing_key = *entry->sealing_key,
                                     .former_keys = std::move(void_keys)});
}

Status hand_over_roles(Realm& realm) {
  ROOTLET_TRY(realm.serving().forget_roles());
  ROOTLET_TRY(const std::vector<RoleMetadata> entries, realm.registry().published_metadata());
  for (const auto& [role, entry] : entries) {  // the newest root comes last and stays
    ROOTLET_TRY(realm.serving().save_role({.role = role,
                                           .version = entry.version,
                                           .signed_at = entry.signed_at,
                                           .expires = entry.expires}));
  }
  return ok();
}

Status hand_over_settings(Realm& realm) {
  Registry& registry = realm.registry();
  ROOTLET_TRY(const std::string id, registry.needed_setting(kSettingRealmId));
  ROOTLET_TRY(realm.serving().settings().save(kSettingRealmId, id));
  ROOTLET_TRY(realm.intake().settings().save(kSettingRealmId, id));
  ROOTLET_TRY(const std::uint64_t days,
              registry.number_setting(kSettingTimestampDays, kDefaultTimestampDays));
  ROOTLET_TRY(realm.serving().settings().save(kSettingTimestampDays, std::to_string(days)));
  ROOTLET_TRY(const std::vector<std::string> datasets, registry.dataset_ids());
  return realm.serving().settings().save(kSettingDatasets, std::to_string(datasets.size()));
}

// By which the intake knows whether an office was shown another one.
Status hand_over_directory(Realm& realm) {
  ROOTLET_TRY(const auto entry, realm.registry().newest_metadata("directory"));
  if (!entry.has_value()) return ok();
  return realm.intake().save_directory(entry->version, sha256(entry->file));
}

// A new root may name new keys for the serving roles: then these take effect with it.
Status hand_over_keys(Realm& realm) {
  ROOTLET_TRY(const auto entry, realm.registry().newest_metadata(kTufRoot));
  if (!entry.has_value()) return ok();
  ROOTLET_TRY(const Signed<TufRoot> root, parse_metadata<TufRoot>(entry->file, kTufRoot));
  for (const std::string_view role : {kTufTimestamp, kTufSnapshot}) {
    const std::string pending = pending_secret(role);
    ROOTLET_TRY(const bool waits, realm.registry().has_secret(pending));
    if (!waits) continue;
    ROOTLET_TRY(const SymmetricKey secret, realm.registry().secret(pending));
    const std::string id = tuf_key_id(SigningKey::from_seed(secret).public_key);
    const auto& named = root.body.role(role).key_ids;
    if (std::ranges::find(named, id) == named.end()) continue;
    ROOTLET_TRY(realm.serving().secrets().replace(role, secret));
  }
  return ok();
}

// Once the serving home has them.
Status forget_pending_keys(Realm& realm) {
  for (const std::string_view role : {kTufTimestamp, kTufSnapshot}) {
    const std::string pending = pending_secret(role);
    ROOTLET_TRY(const bool waits, realm.registry().has_secret(pending));
    if (!waits) continue;
    ROOTLET_TRY(const SymmetricKey secret, realm.registry().secret(pending));
    ROOTLET_TRY(const SymmetricKey used, realm.serving().secrets().find(role));
    if (used == secret) {
      ROOTLET_TRY(realm.registry().remove_secret(pending));
    }
  }
  return ok();
}

}  // namespace

Status hand_over(Realm& realm) {
  ROOTLET_TRY(Transaction serving, realm.serving().begin());
  ROOTLET_TRY(Transaction intake, realm.intake().begin());
  ROOTLET_TRY(const std::vector<std::string> offices, realm.registry().pending_offices());
  for (const std::string& id : offices) {
    ROOTLET_TRY(hand_over_office(realm, id));
  }
  ROOTLET_TRY(const std::vector<FormEntry> forms, realm.registry().all_forms());
  for (const FormEntry& form : forms) {
    ROOTLET_TRY(realm.intake().save_form(form));
  }
  ROOTLET_TRY(hand_over_settings(realm));
  ROOTLET_TRY(hand_over_roles(realm));
  ROOTLET_TRY(hand_over_directory(realm));
  ROOTLET_TRY(hand_over_keys(realm));
  ROOTLET_TRY(intake.commit());
  ROOTLET_TRY(serving.commit());
  return forget_pending_keys(realm);
}

}  // namespace rootlet::platform
