// Creates, opens and locks a realm's folder.
#include "platform/realm/realm.hpp"

#include <sys/stat.h>

#include "platform/homes/home_address.hpp"
#include "platform/homes/home_key.hpp"
#include "platform/realm/realm_key.hpp"

namespace rootlet::platform {
namespace {

constexpr mode_t kRealmFolderMode = 0711;

Result<SymmetricKey> load_realm_key(const RealmFolder& folder) {
  std::error_code unknown;
  if (fs::exists(folder.key(), unknown) || opens_unattended(folder.key())) {
    return open_realm_key(folder.key());
  }
  if (fs::exists(folder.registry(), unknown)) {
    return fail(ErrorCode::kStorageDamaged,
                folder.key().string() + " is missing: without it the registry does not open");
  }
  return fail(ErrorCode::kUsage, folder.path.string() +
                                     " is not a realm: name one with --realm or ROOTLET_REALM, or "
                                     "create one with \"rootlet-platform init\"");
}

// Realms of older versions have one home for all keys.
Status check_homes(const RealmFolder& folder) {
  std::error_code unknown;
  if (!fs::exists(folder.registry(), unknown) || fs::exists(folder.serving().path, unknown)) {
    return ok();
  }
  return fail(ErrorCode::kUsage,
              folder.path.string() +
                  ": this realm was made by an older version of rootlet-platform, whose files this "
                  "version does not read. Nothing was changed: make a new realm with "
                  "\"rootlet-platform init\"");
}

// A database may hold a realm though the folder is new: then its tables are under another key.
Result<Registry> make_registry(const RealmFolder& folder, const SymmetricKey& key,
                               const std::string& database) {
  Result<Registry> registry = Registry::open({folder.registry(), &key, database});
  const bool is_anothers = !database.empty() && registry.has_error() &&
                           registry.error().code == ErrorCode::kStorageDamaged;
  if (!is_anothers) return registry;
  return Error(ErrorCode::kUsage, "the database holds a realm already", {},
               {.en = "Nothing was changed. Name another database, or another prefix of its "
                      "schemas with ?schema=NAME. Schemas that an interrupted init left can be "
                      "dropped.",
                .zh = "未作任何更改。请改用其他数据库，或以 ?schema=名称 指定其他模式前缀。中断的 "
                      "init 遗留的模式可以删除。"});
}

std::vector<PublicKey> public_halves(const SigningKey& newest, std::vector<SymmetricKey> former) {
  std::vector<PublicKey> keys{newest.public_key};
  for (const SymmetricKey& seed : former) {
    if (keys.size() == kMostServiceKeys) break;
    keys.push_back(SigningKey::from_seed(seed).public_key);
  }
  return keys;
}

}  // namespace

Result<Realm> Realm::open(const fs::path& path, SigningClock clock) {
  RealmFolder folder{path};
  ROOTLET_TRY(SymmetricKey key, load_realm_key(folder));
  ROOTLET_TRY(check_homes(folder));
  ROOTLET_TRY(const std::string database, load_address(folder.address()));
  ROOTLET_TRY(Registry registry, Registry::open({folder.registry(), &key, database}));
  ROOTLET_TRY(ServingHome serving, ServingHome::open(folder.serving()));
  ROOTLET_TRY(IntakeHome intake, IntakeHome::open(folder.intake()));
  Realm realm(std::move(folder), std::move(key), std::move(registry), std::move(serving),
              std::move(intake));
  realm.signing_clock_ = std::move(clock);
  return realm;
}

Result<Realm> Realm::create(const fs::path& path, const std::string& database) {
  std::error_code code;
  if (fs::exists(path, code) && !fs::is_directory(path, code)) {
    return fail(ErrorCode::kUsage, path.string() + " is a file; a realm needs a folder");
  }
  if (fs::is_directory(path, code) && !fs::is_empty(path, code)) {
    return fail(ErrorCode::kUsage,
                path.string() + " is not empty; a new realm needs an empty folder");
  }
  RealmFolder folder{path};
  ROOTLET_TRY(make_private_directory(folder.path));
  ROOTLET_TRY(make_private_directory(folder.keys()));
  ROOTLET_TRY(make_private_directory(folder.states()));
  ROOTLET_TRY(make_directory(folder.repository()));
  for (const char* part : {"metadata", "directory", "packs", "offices", "news"}) {
    ROOTLET_TRY(make_directory(folder.repository() / part));
  }
  ROOTLET_TRY(SymmetricKey key, make_home_key(folder.key()));
  ROOTLET_TRY(save_address(folder.address(), database));
  ROOTLET_TRY(Registry registry, make_registry(folder, key, database));
  ROOTLET_TRY(ServingHome serving, ServingHome::create(folder.serving(), database));
  ROOTLET_TRY(IntakeHome intake, IntakeHome::create(folder.intake(), database));
  // A web server may pass through to repository/, and can neither list nor read anything else.
  if (::chmod(folder.path.c_str(), kRealmFolderMode) != 0) {
    return errno_error("protect", folder.path);
  }
  return Realm(std::move(folder), std::move(key), std::move(registry), std::move(serving),
               std::move(intake));
}

SecretTable secrets_with(Realm& realm, std::string_view name) {
  for (const std::string_view one : {"timestamp", "snapshot", "receipt"}) {
    if (one == name) return realm.serving().secrets();
  }
  const bool is_intake = name == "ingest" || name == "judgement";
  return is_intake ? realm.intake().secrets() : realm.registry().secrets();
}

std::string pending_secret(std::string_view role) {
  return "next-" + std::string(role);
}

Result<ServiceKeys> service_keys(Realm& realm) {
  ServiceKeys keys;
  ROOTLET_TRY(const SealingKey enrolment, realm.registry().sealing_key("enrolment"));
  keys.enrolment = enrolment.public_key;
  ROOTLET_TRY(const SigningKey answer, realm.registry().signing_key("answer"));
  keys.answer = answer.public_key;
  ROOTLET_TRY(const SealingKey ingest, realm.intake().secrets().sealing_key("ingest"));
  keys.ingest = ingest.public_key;
  ROOTLET_TRY(const SigningKey receipt, realm.serving().secrets().signing_key("receipt"));
  ROOTLET_TRY(std::vector<SymmetricKey> old_receipt, realm.serving().secrets().former("receipt"));
  keys.receipt = public_halves(receipt, std::move(old_receipt));
  ROOTLET_TRY(const SigningKey judgement, realm.intake().secrets().signing_key("judgement"));
  ROOTLET_TRY(std::vector<SymmetricKey> old_judgement,
              realm.intake().secrets().former("judgement"));
  keys.judgement = public_halves(judgement, std::move(old_judgement));
  return keys;
}

Result<FileLock> lock_realm(const RealmFolder& folder, std::chrono::milliseconds wait) {
  return FileLock::acquire_within(folder.lock(), wait);
}

Result<FileLock> lock_dataset(const RealmFolder& folder, std::string_view dataset,
                              std::chrono::milliseconds wait) {
  return FileLock::acquire_within(folder.dataset_lock(dataset), wait);
}

}  // namespace rootlet::platform
