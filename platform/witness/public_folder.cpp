// Reading a witness's public folder: the log against its checkpoint, a directory against a root.
#include "platform/witness/public_folder.hpp"

#include <algorithm>

#include "core/limits.hpp"
#include "sync/trust/client/tuf_store.hpp"
#include "sync/trust/client/tuf_trusted_set.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kDirectoryRole = "directory";

Result<Bytes> read_hashed(const fs::path& path, const Hash256& hash) {
  ROOTLET_TRY(Bytes file, read_file(path, limits::kTargetsBytes));
  if (sha256(file) == hash) return file;
  return fail(ErrorCode::kUntrusted, path.string() + ": is not the file that its name says");
}

// From the first folder that has it.
Result<Bytes> read_root(std::span<const PublicFolder> folders, std::int64_t version) {
  std::error_code unknown;
  for (const PublicFolder& folder : folders) {
    if (!fs::exists(folder.root(version), unknown)) continue;
    return read_file(folder.root(version), limits::kRootBytes);
  }
  return fail(ErrorCode::kUntrusted, folders.front().path.string() + ": has no root " +
                                         std::to_string(version) + " of the realm");
}

Result<Signed<TufRoot>> follow_roots(ByteView trusted_root, std::int64_t version,
                                     std::span<const PublicFolder> folders) {
  ROOTLET_TRY(TufTrustedSet set, TufTrustedSet::from_root(trusted_root, UnixTime{}));
  if (set.root().version > version) {
    return fail(ErrorCode::kUntrusted, "root " + std::to_string(version) +
                                           " is older than the trusted one; give an older root");
  }
  while (set.root().version < version) {
    ROOTLET_TRY(const Bytes next, read_root(folders, set.root().version + 1));
    ROOTLET_TRY(const TufRootUpdate update, set.update_root(next));
    if (!update.is_new) return fail(ErrorCode::kUntrusted, "a root is there twice");
  }
  return set.root();
}

}  // namespace

fs::path PublicFolder::root(std::int64_t version) const {
  return path / "roots" / (std::to_string(version) + ".root.json");
}

fs::path PublicFolder::targets(const Hash256& hash) const {
  return path / "targets" / (to_hex(hash) + ".json");
}

fs::path PublicFolder::directory(const Hash256& hash) const {
  return path / "directories" / (to_hex(hash) + ".json");
}

Result<Witnessed> load_witnessed(const fs::path& path) {
  std::error_code unknown;
  Witnessed found;
  found.folder.path = fs::exists(path / "public", unknown) ? path / "public" : path;
  const std::string what = found.folder.sightings().string();
  ROOTLET_TRY(std::string key, read_text_file(found.folder.key(), limits::kCheckpointBytes));
  if (key.ends_with('\n')) key.pop_back();
  ROOTLET_TRY(found.witness, parse_verifier_key(key));
  ROOTLET_TRY(const Bytes file, read_file(found.folder.checkpoint(), limits::kCheckpointBytes));
  ROOTLET_TRY(const SignedCheckpoint note,
              parse_checkpoint(file, found.folder.checkpoint().string()));
  ROOTLET_TRY(found.looked, verify_cosignature(note, found.witness));
  ROOTLET_TRY(const std::string text,
              read_text_file(found.folder.sightings(), limits::kSightingsBytes));
  const std::size_t end = text.rfind('\n');  // a line may be half written
  ROOTLET_TRY(found.seen, parse_sightings(std::string_view(text).substr(0, end + 1), what));
  const Checkpoint& checkpoint = note.checkpoint;
  if (checkpoint.origin != found.witness.name || checkpoint.size > found.seen.size() ||
      root_of(found.seen, checkpoint.size) != checkpoint.root) {
    return fail(ErrorCode::kUntrusted,
                what + ": is not the log that the checkpoint beside it was made of");
  }
  found.seen.resize(checkpoint.size);
  return found;
}

Result<VerifiedDirectory> verify_directory(ByteView file, const TufTargets& targets) {
  ROOTLET_TRY(const Signed<TufTargets> directory, parse_metadata<TufTargets>(file, kDirectoryRole));
  const TufDelegation* delegation = targets.delegation(kDirectoryRole);
  if (delegation == nullptr) {
    return fail(ErrorCode::kUntrusted, "targets do not delegate to `directory`");
  }
  ROOTLET_TRY(verify_threshold(delegation->role, targets.keys, as_bytes(directory.signed_bytes),
                               directory.signatures, kDirectoryRole));
  VerifiedDirectory found{
      .version = directory.version, .content = directory.signed_bytes, .signer = {}};
  for (const TufSignature& signature : directory.signatures) {
    const auto& ids = delegation->role.key_ids;
    if (std::ranges::find(ids, signature.key_id) != ids.end()) found.signer = signature.key_id;
  }
  return found;
}

Result<Signed<TufTargets>> verify_targets(const Sighting& one, ByteView trusted_root,
                                          std::span<const PublicFolder> folders) {
  ROOTLET_TRY(const Signed<TufRoot> root, follow_roots(trusted_root, one.root, folders));
  ROOTLET_TRY(const Bytes file, read_hashed(folders.front().targets(one.targets), one.targets));
  ROOTLET_TRY(Signed<TufTargets> targets, parse_metadata<TufTargets>(file, kTufTargets));
  ROOTLET_TRY(verify_threshold(root.body.role(kTufTargets), root.body.keys,
                               as_bytes(targets.signed_bytes), targets.signatures, kTufTargets));
  return targets;
}

Result<VerifiedDirectory> verify_sighting(const Sighting& one, ByteView trusted_root,
                                          std::span<const PublicFolder> folders) {
  ROOTLET_TRY(const Signed<TufTargets> targets, verify_targets(one, trusted_root, folders));
  const fs::path path = folders.front().directory(one.directory);
  ROOTLET_TRY(const Bytes file, read_hashed(path, one.directory));
  ROOTLET_TRY(VerifiedDirectory directory, verify_directory(file, targets.body));
  if (directory.version == one.version) return directory;
  return fail(ErrorCode::kUntrusted, path.string() + ": is version " +
                                         std::to_string(directory.version) + ", not " +
                                         std::to_string(one.version));
}

}  // namespace rootlet::platform
