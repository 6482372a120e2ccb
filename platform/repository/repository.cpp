// Writes the repository's files from the registry.
#include "platform/repository/repository.hpp"

#include <set>
#include <unordered_set>

#include "core/limits.hpp"
#include "platform/online/file_batch.hpp"
#include "platform/online/metadata_files.hpp"
#include "platform/repository/directory_writer.hpp"
#include "sync/pack/table/directory.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"

namespace rootlet::platform {
namespace {

// By their names below the repository.
std::unordered_set<std::string> files_in(const fs::path& repository, const std::string& folder) {
  std::unordered_set<std::string> files;
  std::error_code code;
  for (fs::directory_iterator at(repository / folder, code), end; !code && at != end;
       at.increment(code)) {
    files.insert(folder + "/" + at->path().filename().string());
  }
  return files;
}

// Writes the new grant files, and all that were lost. Removes what no office may ask for any more.
Status write_grants(Realm& realm) {
  const fs::path repository = realm.folder().repository();
  std::unordered_set<std::string> held = files_in(repository, "offices");
  ROOTLET_TRY(const std::vector<GrantFilePath> files, realm.registry().grant_files());
  FileBatch batch(repository);
  for (const GrantFilePath& file : files) {
    const bool is_held = held.erase(file.path) > 0;
    held.erase(file.before);
    if (is_held && !file.is_new) continue;
    ROOTLET_TRY(const Bytes bytes, realm.registry().grant_file(file.office));
    ROOTLET_TRY(batch.write(file.path, bytes));
  }
  ROOTLET_TRY(batch.finish());
  for (const std::string& old : held) {
    ROOTLET_TRY(remove_file(repository / old));
  }
  return ok();
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
