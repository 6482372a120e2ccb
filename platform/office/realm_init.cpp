// Fills a new folder next to the final one, then renames it.
#include "platform/office/realm_init.hpp"

#include <unistd.h>

#include "platform/repository/repository.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"

namespace rootlet::platform {
namespace {

// The keys of each home (docs/adr/0017). Publishers' keys are made with their first dataset.
constexpr std::string_view kPublishingKeys[] = {"targets", "directory", "directory-content",
                                                "grants",  "enrolment", "answer"};
constexpr std::string_view kIntakeKeys[] = {"ingest", "judgement"};
constexpr std::string_view kServingKeys[] = {"snapshot", "timestamp", "receipt"};

Status make_keys(SecretTable secrets, std::span<const std::string_view> names) {
  for (const std::string_view name : names) {
    ROOTLET_TRY(secrets.replace(name, SymmetricKey::random()));  // a database may have kept some
  }
  return ok();
}

Result<std::vector<SigningKey>> make_root_keys(const RealmFolder& folder,
                                               const Passphrases& passphrases) {
  std::vector<SigningKey> keys;
  for (std::size_t i = 0; i < kRootKeys; ++i) {
    keys.push_back(SigningKey::generate());
    const fs::path path = folder.keys() / ("root-" + std::to_string(i + 1) + ".json");
    ROOTLET_TRY(save_root_key(path, keys.back(), passphrases[i]));
  }
  return keys;
}

Result<TufRoleKeys> online_role(SecretTable secrets, std::string_view role) {
  ROOTLET_TRY(const SigningKey key, secrets.signing_key(role));
  return TufRoleKeys{.keys = {key.public_key}, .threshold = 1};
}

Result<MetadataEntry> sign_first_root(Realm& realm, const std::vector<SigningKey>& keys,
                                      UnixTime now) {
  TufRootContent root;
  MetadataEntry entry{.version = 1, .signed_at = now, .expires = now + kRootLife, .file = {}};
  root.header = {.version = entry.version, .expires = entry.expires, .custom = {}};
  root.root.threshold = kRootThreshold;
  std::vector<const SigningKey*> signers;
  for (const SigningKey& key : keys) {
    root.root.keys.push_back(key.public_key);
    signers.push_back(&key);
  }
  ROOTLET_TRY(root.timestamp, online_role(realm.serving().secrets(), kTufTimestamp));
  ROOTLET_TRY(root.snapshot, online_role(realm.serving().secrets(), kTufSnapshot));
  ROOTLET_TRY(root.targets, online_role(realm.registry().secrets(), kTufTargets));
  ROOTLET_TRY(entry.file, sign_metadata(encode_root(root), signers));
  return entry;
}

Result<std::string> fill_realm(Realm& realm, const RealmInitOptions& options,
                               const Passphrases& passphrases, UnixTime now) {
  Registry& registry = realm.registry();
  ROOTLET_TRY(const std::vector<SigningKey> root_keys, make_root_keys(realm.folder(), passphrases));
  ROOTLET_TRY(Transaction transaction, registry.begin());
  ROOTLET_TRY(make_keys(registry.secrets(), kPublishingKeys));
  ROOTLET_TRY(make_keys(realm.intake().secrets(), kIntakeKeys));
  ROOTLET_TRY(make_keys(realm.serving().secrets(), kServingKeys));
  ROOTLET_TRY(const MetadataEntry root, sign_first_root(realm, root_keys, now));
  ROOTLET_TRY(registry.save_metadata(kTufRoot, root));
  const std::string realm_id = to_hex(sha256(root.file)).substr(0, 16);
  const bool url_given = !options.url.empty();
  ROOTLET_TRY(registry.save_setting(kSettingRealmId, realm_id));
  ROOTLET_TRY(registry.save_setting(kSettingName, options.name));
  ROOTLET_TRY(registry.save_setting(kSettingUrl, url_given ? options.url : kDefaultUrl));
  ROOTLET_TRY(registry.save_setting(kSettingUrlGiven, url_given ? "1" : "0"));
  ROOTLET_TRY(registry.save_setting(kSettingTimestampDays, std::to_string(options.timestamp_days)));
  ROOTLET_TRY(commit_repository(realm, std::move(transaction), now));
  return realm_id;
}

Status check_free(const fs::path& folder) {
  std::error_code code;
  if (!fs::exists(folder, code)) return ok();
  if (!fs::is_directory(folder, code)) {
    return fail(ErrorCode::kUsage, folder.string() + " is a file; a realm needs a folder");
  }
  if (!fs::is_empty(folder, code)) {
    return fail(ErrorCode::kUsage,
                folder.string() + " is not empty; a new realm needs an empty folder");
  }
  return ok();
}

Result<std::string> found_in(const fs::path& draft, const fs::path& folder,
                             const RealmInitOptions& options, const Passphrases& passphrases,
                             UnixTime now) {
  std::string realm_id;
  {  // Close the registry before its folder is renamed.
    ROOTLET_TRY(Realm realm, Realm::create(draft, options.database));
    ROOTLET_TRY(realm_id, fill_realm(realm, options, passphrases, now));
  }
  if (::rename(draft.c_str(), folder.c_str()) != 0) return errno_error("rename to", folder);
  ROOTLET_TRY(sync_directory(folder.parent_path()));
  return realm_id;
}

}  // namespace

Status check_url(std::string_view url, std::string_view field) {
  const bool known = url.starts_with("http://") || url.starts_with("https://");
  const std::size_t host = url.find("//") + 2;
  const bool clean = url.find_first_of(" \t\r\n?#\"'<>\\") == std::string_view::npos;
  if (known && clean && host < url.size() && url[host] != '/' && url.size() <= 2048) return ok();
  return bad_input(std::string(field) + ": \"" + std::string(url.substr(0, 80)) +
                       "\" is not an address such as https://sync.example or http://10.0.0.1:8420",
                   std::string(field));
}

Result<std::string> init_realm(const fs::path& path, const RealmInitOptions& options,
                               const Passphrases& passphrases, UnixTime now) {
  std::error_code failed;
  const fs::path folder = fs::absolute(path, failed).lexically_normal();
  if (failed) return fail(ErrorCode::kStorage, path.string() + ": " + failed.message());
  const fs::path trimmed = folder.has_filename() ? folder : folder.parent_path();
  ROOTLET_TRY(check_free(trimmed));
  ROOTLET_TRY(make_directory(trimmed.parent_path()));
  fs::path draft = trimmed;
  draft += ".new-" + std::to_string(::getpid());
  Result<std::string> realm_id = found_in(draft, trimmed, options, passphrases, now);
  if (realm_id.has_error()) {
    std::error_code ignored;
    fs::remove_all(draft, ignored);
  }
  return realm_id;
}

}  // namespace rootlet::platform
