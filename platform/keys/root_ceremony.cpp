// Drafts come from the newest published root; their signatures are counted again under the lock.
#include "platform/keys/root_ceremony.hpp"

#include "platform/publish/publisher.hpp"
#include "platform/realm/root_keys.hpp"
#include "platform/repository/repository.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kOnlineRoles[] = {kTufTimestamp, kTufSnapshot, kTufTargets};

Result<std::vector<Bytes>> published_roots(Registry& registry) {
  std::vector<Bytes> roots;
  ROOTLET_TRY(auto entries, registry.published_metadata());
  for (auto& [role, entry] : entries) {
    if (role == kTufRoot) roots.push_back(std::move(entry.file));
  }
  if (!roots.empty()) return roots;
  return fail(ErrorCode::kStorageDamaged, "the realm has no root");
}

Status check_publishable(const RootDraft& draft, const std::vector<Bytes>& roots, UnixTime now) {
  const std::string versions = "this draft leads from version " +
                               std::to_string(draft.current.version) + " to version " +
                               std::to_string(draft.next.version);
  if (draft.roots != roots) {
    return fail(ErrorCode::kUsage, "the realm's root is version " + std::to_string(roots.size()) +
                                       "; " + versions + ". Nothing was changed: make a new draft");
  }
  const DraftSignatures found = count_signatures(draft);
  if (!found.is_enough()) {
    return fail(ErrorCode::kUsage,
                "a new root needs " + std::to_string(found.current_needed) +
                    " of the realm's root keys and " + std::to_string(found.next_needed) +
                    " of those it names; the draft has " + std::to_string(found.current) + " and " +
                    std::to_string(found.next) + ". Nothing was changed.");
  }
  if (!draft.next.is_expired(now)) return ok();
  return fail(ErrorCode::kUsage, "the draft's root ended at " + format_time(draft.next.expires) +
                                     ". Nothing was changed: make a new draft");
}

// Takes a pending secret into use if the new root names its key. One of a role that the serving
// home signs stays pending until the root is handed over.
Status take_online_key(Realm& realm, std::string_view role, const TufRoot& root) {
  Registry& registry = realm.registry();
  ROOTLET_TRY(const PublicKey wanted, root_key_of(root, root.role(role).key_ids.front()));
  ROOTLET_TRY(const SigningKey held, secrets_with(realm, role).signing_key(role));
  if (held.public_key == wanted) return ok();
  const std::string pending = pending_secret(role);
  ROOTLET_TRY(const bool is_there, registry.has_secret(pending));
  if (is_there) {
    ROOTLET_TRY(const SymmetricKey secret, registry.secret(pending));
    if (SigningKey::from_seed(secret).public_key == wanted) {
      if (role != kTufTargets) return ok();
      ROOTLET_TRY(registry.replace_secret(role, secret));
      return registry.remove_secret(pending);
    }
  }
  return fail(ErrorCode::kUsage, "the draft names a key for role " + std::string(role) +
                                     " that this realm does not hold, because another draft was "
                                     "made since. Nothing was changed: make a new draft");
}

Status save_root(Realm& realm, const RootDraft& draft, UnixTime now) {
  ROOTLET_TRY(realm.registry().save_metadata(kTufRoot, {.version = draft.next.version,
                                                        .signed_at = now,
                                                        .expires = draft.next.expires,
                                                        .file = draft.next.file}));
  for (const std::string_view role : kOnlineRoles) {
    ROOTLET_TRY(take_online_key(realm, role, draft.next.body));
  }
  return ok();
}

Result<SigningKey> open_with_any(const std::filesystem::path& file,
                                 const std::vector<std::string>& passphrases) {
  for (const std::string& passphrase : passphrases) {
    Result<SigningKey> key = load_root_key(file, passphrase);
    if (key.has_value() || key.error().code != ErrorCode::kUntrusted) return key;
  }
  return fail(ErrorCode::kUntrusted, file.string() + ": none of the passphrases opens it");
}

}  // namespace

Result<RootDraft> draft_root(Realm& realm, const RootChange& change, UnixTime now) {
  Registry& registry = realm.registry();
  ROOTLET_TRY(std::vector<Bytes> roots, published_roots(registry));
  ROOTLET_TRY(std::string name, registry.needed_setting(kSettingName));
  ROOTLET_TRY(const Signed<TufRoot> current, parse_metadata<TufRoot>(roots.back(), kTufRoot));
  ROOTLET_TRY(const json::object next, next_root(current.body, current.signed_part,
                                                 current.version + 1, change, now + kRootLife));
  ROOTLET_TRY(Bytes file, sign_metadata(next, {}));
  return make_draft(std::move(name), std::move(roots), std::move(file));
}

Status publish_draft(Realm& realm, const RootDraft& draft, UnixTime now) {
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  ROOTLET_TRY(finish_interrupted(realm, now));
  Registry& registry = realm.registry();
  ROOTLET_TRY(const std::vector<Bytes> roots, published_roots(registry));
  ROOTLET_TRY(check_publishable(draft, roots, now));
  ROOTLET_TRY(Transaction transaction, registry.begin());
  ROOTLET_TRY(save_root(realm, draft, now));
  return commit_repository(realm, std::move(transaction), now);
}

Result<std::vector<SigningKey>> open_key_files(const std::vector<std::filesystem::path>& files,
                                               const std::vector<std::string>& passphrases) {
  std::vector<SigningKey> keys;
  for (const std::filesystem::path& file : files) {
    ROOTLET_TRY(SigningKey key, open_with_any(file, passphrases));
    keys.push_back(std::move(key));
  }
  return keys;
}

Result<RootRenewal> change_root(Realm& realm, const RootChange& change,
                                std::span<const SigningKey> keys, UnixTime now) {
  ROOTLET_TRY(RootDraft draft, draft_root(realm, change, now));
  for (const SigningKey& key : keys) {
    if (!names_key(draft, key.public_key)) continue;
    ROOTLET_TRY(sign_draft(draft, key));
  }
  ROOTLET_TRY(publish_draft(realm, draft, now));
  return RootRenewal{.version = draft.next.version, .expires = draft.next.expires};
}

Result<RootRenewal> renew_root(Realm& realm, const std::vector<std::filesystem::path>& key_files,
                               const std::vector<std::string>& passphrases, UnixTime now) {
  ROOTLET_TRY(const std::vector<SigningKey> keys, open_key_files(key_files, passphrases));
  return change_root(realm, {}, keys, now);
}

}  // namespace rootlet::platform
