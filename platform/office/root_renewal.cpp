// The next version of root differs from the held one in version and end alone.
#include "platform/office/root_renewal.hpp"

#include <algorithm>
#include <set>

#include "platform/publish/publisher.hpp"
#include "platform/realm/root_keys.hpp"
#include "platform/repository/repository.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"

namespace rootlet::platform {
namespace {

Result<SigningKey> open_with_any(const std::filesystem::path& file,
                                 const std::vector<std::string>& passphrases) {
  for (const std::string& passphrase : passphrases) {
    Result<SigningKey> key = load_root_key(file, passphrase);
    if (key.has_value() || key.error().code != ErrorCode::kUntrusted) return key;
  }
  return fail(ErrorCode::kUntrusted, file.string() + ": none of the passphrases opens it");
}

// The keys of the files that the held root names, each once.
Result<std::vector<SigningKey>> open_root_keys(const TufRole& role,
                                               const std::vector<std::filesystem::path>& files,
                                               const std::vector<std::string>& passphrases) {
  std::vector<SigningKey> keys;
  std::set<std::string> ids;
  for (const std::filesystem::path& file : files) {
    ROOTLET_TRY(SigningKey key, open_with_any(file, passphrases));
    const std::string id = tuf_key_id(key.public_key);
    const bool known = std::ranges::find(role.key_ids, id) != role.key_ids.end();
    if (known && ids.insert(id).second) keys.push_back(std::move(key));
  }
  if (static_cast<std::int64_t>(keys.size()) < role.threshold) {
    return fail(ErrorCode::kUsage, "a new root needs " + std::to_string(role.threshold) +
                                       " of the realm's root keys; " + std::to_string(keys.size()) +
                                       " were given. Nothing was changed.");
  }
  return keys;
}

Result<MetadataEntry> sign_next(const MetadataEntry& held, const Signed<TufRoot>& root,
                                const std::vector<SigningKey>& keys, UnixTime now) {
  MetadataEntry next{.version = held.version + 1,
                     .signed_at = now,
                     .expires = now + kRootLife,
                     .file = {},
                     .fingerprint = held.fingerprint};
  json::object signed_part = root.signed_part;
  signed_part["version"] = next.version;
  signed_part["expires"] = format_time(next.expires);
  std::vector<const SigningKey*> signers;
  for (const SigningKey& key : keys) signers.push_back(&key);
  ROOTLET_TRY(next.file, sign_metadata(signed_part, signers));
  return next;
}

}  // namespace

Result<RootRenewal> renew_root(Realm& realm, const std::vector<std::filesystem::path>& key_files,
                               const std::vector<std::string>& passphrases, UnixTime now) {
  // Opening keys takes seconds, so the realm is not locked yet.
  ROOTLET_TRY(const auto first, realm.registry().newest_metadata(kTufRoot));
  if (!first.has_value()) return fail(ErrorCode::kStorageDamaged, "the realm has no root");
  ROOTLET_TRY(const Signed<TufRoot> root, parse_metadata<TufRoot>(first->file, kTufRoot));
  ROOTLET_TRY(const std::vector<SigningKey> keys,
              open_root_keys(root.body.role(kTufRoot), key_files, passphrases));
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  ROOTLET_TRY(finish_interrupted(realm, now));
  ROOTLET_TRY(const auto held, realm.registry().newest_metadata(kTufRoot));
  if (!held.has_value() || held->version != first->version) {
    return fail(ErrorCode::kBusy, "another command changed the root meanwhile; run this again");
  }
  ROOTLET_TRY(const MetadataEntry next, sign_next(*held, root, keys, now));
  ROOTLET_TRY(Transaction transaction, realm.registry().begin());
  ROOTLET_TRY(realm.registry().save_metadata(kTufRoot, next));
  ROOTLET_TRY(commit_repository(realm, std::move(transaction), now));
  return RootRenewal{.version = next.version, .expires = next.expires};
}

}  // namespace rootlet::platform
