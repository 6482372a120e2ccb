// Writes the repository's files from the registry.
#include "platform/repository/repository.hpp"

#include <set>

#include "core/limits.hpp"
#include "platform/online/file_batch.hpp"
#include "platform/online/metadata_files.hpp"
#include "platform/repository/directory_writer.hpp"
#include "sync/pack/table/directory.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"

namespace rootlet::platform {
namespace {

Status write_pending_grants(Realm& realm) {
  Registry& registry = realm.registry();
  ROOTLET_TRY(const std::vector<PendingGrantFile> pending, registry.pending_grant_files());
  FileBatch batch(realm.folder().repository());
  for (const PendingGrantFile& file : pending) {
    // None before the office enrols, and none while it waits for a new machine.
    ROOTLET_TRY(const Bytes bytes, registry.grant_file(file.office));
    ROOTLET_TRY(bytes.empty() ? remove_file(realm.folder().repository() / file.path)
                              : batch.write(file.path, bytes));
  }
  return batch.finish();
}

std::uint64_t count_files(const fs::path& folder) {
  std::uint64_t files = 0;
  std::error_code code;
  for (fs::directory_iterator at(folder, code), end; !code && at != end; at.increment(code)) {
    files += at->path().extension() == ".grant" ? 1 : 0;
  }
  return files;
}

// Writes what changed, and everything if files were lost.
Status write_grants(Realm& realm) {
  ROOTLET_TRY(write_pending_grants(realm));
  ROOTLET_TRY(const std::uint64_t wanted, realm.registry().count_grant_files());
  if (count_files(realm.folder().repository() / "offices") == wanted) return ok();
  ROOTLET_TRY(realm.registry().mark_grant_files_pending());
  return write_pending_grants(realm);
}

// It is on disk since it was staged, unless somebody removed it.
Status write_root_node(Realm& realm) {
  ROOTLET_TRY(const auto pack, realm.registry().tree().node_pack("all"));
  if (!pack.has_value()) return ok();
  ROOTLET_TRY(const std::string path, root_node_path(*pack));
  return write_if_different(realm.folder().repository() / path, *pack);
}

// What the publishing home signed, which the serving home's roles will lead to.
Status write_published_metadata(Realm& realm) {
  ROOTLET_TRY(const std::vector<RoleMetadata> entries, realm.registry().published_metadata());
  ROOTLET_TRY(write_metadata_files(realm.folder().repository(), entries));
  return sweep_metadata_files(realm.folder().repository(), entries);
}

// From here on everybody may see it.
Status write_serving_part(Realm& realm, UnixTime now) {
  ROOTLET_TRY(const FileLock lock, lock_serving(realm.folder().serving()));
  ROOTLET_TRY(hand_over(realm));
  ROOTLET_TRY(sign_online_roles(realm.serving(), now));
  ROOTLET_TRY(write_online_roles(realm.serving(), realm.folder().repository()));
  return write_news(realm);
}

}  // namespace

std::string publisher_role(std::string_view provider_code) {
  std::string role = "publisher-";
  for (const char c : provider_code) {
    role.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return role;
}

Status stage_repository(Realm& realm, UnixTime now) {
  ROOTLET_TRY(stage_grants(realm, now));
  ROOTLET_TRY(stage_directory(realm, now));
  ROOTLET_TRY(stage_metadata(realm, now));
  return realm.registry().save_setting(kSettingFilesPending, "1");
}

Status write_repository(Realm& realm, UnixTime now) {
  ROOTLET_TRY(write_grants(realm));
  ROOTLET_TRY(write_root_node(realm));
  ROOTLET_TRY(write_published_metadata(realm));
  ROOTLET_TRY(write_serving_part(realm, now));
  ROOTLET_TRY(Transaction transaction, realm.registry().begin());
  ROOTLET_TRY(realm.registry().forget_pending_grant_files());
  ROOTLET_TRY(realm.registry().forget_pending_offices());
  ROOTLET_TRY(realm.registry().save_setting(kSettingFilesPending, "0"));
  return transaction.commit();
}

Status hand_over_offices(Realm& realm) {
  {
    const auto lock = lock_serving(realm.folder().serving());
    if (lock.has_error()) return lock.error();
    ROOTLET_TRY(hand_over(realm));
  }
  ROOTLET_TRY(Transaction transaction, realm.registry().begin());
  ROOTLET_TRY(realm.registry().forget_pending_offices());
  ROOTLET_TRY(realm.registry().save_setting(kSettingFilesPending, "0"));
  return transaction.commit();
}

Status commit_repository(Realm& realm, Transaction transaction, UnixTime now) {
  ROOTLET_TRY(stage_repository(realm, now));
  ROOTLET_TRY(transaction.commit());
  return write_repository(realm, now);
}

Status finish_interrupted_files(Realm& realm, UnixTime now) {
  ROOTLET_TRY(const auto pending, realm.registry().setting(kSettingFilesPending));
  return pending == "1" ? write_repository(realm, now) : ok();
}

Status remove_unknown_directory_files(Realm& realm) {
  DirectoryTables tree = realm.registry().tree();
  const fs::path repository = realm.folder().repository();
  std::set<fs::path> known;
  ROOTLET_TRY(const std::vector<DirectoryFile> files, tree.files());
  for (const DirectoryFile& file : files) {
    known.insert(repository / nodes_path(file.group, file.file));
  }
  ROOTLET_TRY(const std::vector<std::string> old, tree.old_files(UnixTime::max()));
  for (const std::string& path : old) known.insert(repository / path);
  ROOTLET_TRY(const auto root, tree.node_pack("all"));
  if (root.has_value()) {
    ROOTLET_TRY(const std::string path, root_node_path(*root));
    known.insert(repository / path);
  }
  std::error_code code;
  for (fs::recursive_directory_iterator at(repository / "directory", code), end; !code && at != end;
       at.increment(code)) {
    if (!at->is_regular_file(code) || known.contains(at->path())) continue;
    ROOTLET_TRY(remove_file(at->path()));
  }
  return ok();
}

Result<std::vector<RoleMetadata>> published_metadata(Realm& realm) {
  ROOTLET_TRY(std::vector<RoleMetadata> entries, realm.registry().published_metadata());
  ROOTLET_TRY(const std::vector<RoleMetadata> online, realm.serving().metadata().all());
  entries.insert(entries.end(), online.begin(), online.end());
  return entries;
}

Result<bool> renew_repository(Realm& realm, UnixTime now) {
  ROOTLET_TRY(Transaction transaction, realm.registry().begin());
  ROOTLET_TRY(const bool is_renewed, stage_metadata(realm, now));
  if (is_renewed) {
    ROOTLET_TRY(realm.registry().save_setting(kSettingFilesPending, "1"));
    ROOTLET_TRY(transaction.commit());
    ROOTLET_TRY(write_repository(realm, now));
    return true;
  }
  return renew_online_roles(realm.serving(), realm.folder().repository(), realm.signing_clock(),
                            now);
}

}  // namespace rootlet::platform
