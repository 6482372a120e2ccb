// One commit for all roles. Packs are copied before it, because that takes its time.
#include "platform/keys/key_rotation.hpp"

#include <algorithm>

#include "platform/keys/root_ceremony.hpp"
#include "platform/keys/sign_again.hpp"
#include "platform/publish/publisher.hpp"
#include "platform/realm/find_dataset.hpp"
#include "platform/repository/repository.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kRootRoles[] = {kTufTimestamp, kTufSnapshot, kTufTargets};
constexpr std::string_view kDirectoryRole = "directory", kGrantsRole = "grants";
constexpr std::string_view kServiceKeys[] = {"enrolment", "answer", "ingest", "judgement",
                                             "receipt"};

struct NewKey {
  std::string role;
  SymmetricKey seed;
  std::vector<ResignedPacks> packs = {};
};

Result<std::vector<std::string>> delegated_roles(Registry& registry) {
  std::vector<std::string> roles;
  ROOTLET_TRY(const auto entry, registry.newest_metadata(kTufTargets));
  if (!entry.has_value()) return roles;
  ROOTLET_TRY(const Signed<TufTargets> targets, parse_metadata<TufTargets>(entry->file, "targets"));
  for (const TufDelegation& delegation : targets.body.delegations) {
    roles.push_back(delegation.name);
  }
  return roles;
}

Result<std::vector<std::string>> datasets_of(Registry& registry, const std::string& role) {
  std::vector<std::string> found;
  ROOTLET_TRY(const std::vector<std::string> ids, registry.dataset_ids());
  for (const std::string& id : ids) {
    ROOTLET_TRY(const DatasetDefinition definition, find_dataset(registry, id));
    if (publisher_role(definition.provider_code) == role) found.push_back(id);
  }
  return found;
}

Result<NewKey> make_key(Realm& realm, const std::string& role, UnixTime now) {
  NewKey key{.role = role, .seed = SymmetricKey::random()};
  const SigningKey signer = SigningKey::from_seed(key.seed);
  ROOTLET_TRY(const std::vector<std::string> datasets, datasets_of(realm.registry(), role));
  for (const std::string& dataset : datasets) {
    ROOTLET_TRY(ResignedPacks packs, resign_packs(realm, dataset, signer, now));
    key.packs.push_back(std::move(packs));
  }
  return key;
}

// Before the transaction that has targets name it: its home may be another file. Offices accept
// what it signs once they have seen these targets.
Status take_service_key(Realm& realm, const NewKey& key, OldKeys old_keys) {
  SecretTable secrets = secrets_with(realm, key.role);
  if (old_keys == OldKeys::kKeepForService) return secrets.succeed(key.role, key.seed);
  ROOTLET_TRY(secrets.forget_former(key.role));
  return secrets.replace(key.role, key.seed);
}

Status take_key(Registry& registry, const NewKey& key, UnixTime now) {
  ROOTLET_TRY(registry.replace_secret(key.role, key.seed));
  for (const ResignedPacks& packs : key.packs) {
    ROOTLET_TRY(take_resigned(registry, packs, now));
  }
  if (key.role == kDirectoryRole) return remake_directory(registry);
  return key.role == kGrantsRole ? registry.touch_all_grant_files() : ok();
}

}  // namespace

bool is_named_by_root(std::string_view role) {
  return std::ranges::find(kRootRoles, role) != std::end(kRootRoles);
}

bool is_service_key(std::string_view name) {
  return std::ranges::find(kServiceKeys, name) != std::end(kServiceKeys);
}

Result<std::vector<RoleKey>> role_keys(Realm& realm) {
  ROOTLET_TRY(const std::vector<std::string> delegated, delegated_roles(realm.registry()));
  std::vector<std::string> roles(std::begin(kRootRoles), std::end(kRootRoles));
  roles.insert(roles.end(), delegated.begin(), delegated.end());
  roles.insert(roles.end(), std::begin(kServiceKeys), std::end(kServiceKeys));
  std::vector<RoleKey> found;
  for (const std::string& role : roles) {
    if (role == "ingest" || role == "enrolment") {
      ROOTLET_TRY(const SealingKey key, secrets_with(realm, role).sealing_key(role));
      found.push_back({.role = role, .key_id = to_hex(sha256(ByteView(key.public_key)))});
      continue;
    }
    ROOTLET_TRY(const SigningKey key, secrets_with(realm, role).signing_key(role));
    found.push_back({.role = role,
                     .key_id = tuf_key_id(key.public_key),
                     .is_named_by_root = is_named_by_root(role)});
  }
  return found;
}

Status check_roles(Registry& registry, const std::vector<std::string>& roles) {
  ROOTLET_TRY(const std::vector<std::string> delegated, delegated_roles(registry));
  for (const std::string& role : roles) {
    if (is_named_by_root(role) || is_service_key(role) ||
        std::ranges::find(delegated, role) != delegated.end()) {
      continue;
    }
    std::string known = "timestamp, snapshot, targets";
    for (const std::string& one : delegated) known += ", " + one;
    for (const std::string_view one : kServiceKeys) known += ", " + std::string(one);
    return fail(ErrorCode::kUsage,
                "the realm has no role \"" + role.substr(0, 80) + "\" with a key; roles: " + known);
  }
  return ok();
}

Result<RootChange> prepare_online_keys(Realm& realm, const std::vector<std::string>& roles) {
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  RootChange change;
  ROOTLET_TRY(Transaction transaction, realm.registry().begin());
  for (const std::string& role : roles) {
    const SymmetricKey seed = SymmetricKey::random();
    ROOTLET_TRY(realm.registry().replace_secret(pending_secret(role), seed));
    change.online.emplace(role, SigningKey::from_seed(seed).public_key);
  }
  ROOTLET_TRY(transaction.commit());
  return change;
}

Result<KeyRotation> rotate_delegated_keys(Realm& realm, const std::vector<std::string>& roles,
                                          OldKeys old_keys, UnixTime now) {
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  ROOTLET_TRY(finish_interrupted(realm, now));
  std::vector<NewKey> keys;
  KeyRotation done;
  for (const std::string& role : roles) {
    ROOTLET_TRY(NewKey key, make_key(realm, role, now));
    for (const ResignedPacks& packs : key.packs) {
      done.packs += packs.after.size();
      done.damaged += packs.damaged;
    }
    keys.push_back(std::move(key));
  }
  ROOTLET_TRY(Transaction transaction, realm.registry().begin());
  for (const NewKey& key : keys) {
    ROOTLET_TRY(is_service_key(key.role) ? take_service_key(realm, key, old_keys)
                                         : take_key(realm.registry(), key, now));
  }
  ROOTLET_TRY(commit_repository(realm, std::move(transaction), now));
  return done;
}

}  // namespace rootlet::platform
