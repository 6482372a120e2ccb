// Works in a folder beside the final one and renames that at the end, as init does.
#include "platform/backup/realm_restore.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <map>
#include <set>

#include "core/limits.hpp"
#include "platform/backup/realm_backup.hpp"
#include "platform/keys/key_rotation.hpp"
#include "platform/keys/sign_again.hpp"
#include "platform/publish/publisher.hpp"
#include "platform/repository/repository.hpp"
#include "sync/trust/client/tuf_trusted_set.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"

namespace rootlet::platform {
namespace {

constexpr std::int64_t kBelievedVersion = std::int64_t{1} << 52;  // of a file name; larger is a lie
constexpr std::string_view kEnding = ".json";

// The newest versions in a folder of metadata, by role, from the names of its files.
std::map<std::string, std::int64_t> versions_in(const fs::path& metadata) {
  std::map<std::string, std::int64_t> newest;
  std::error_code failed;
  for (fs::directory_iterator at(metadata, failed), end; !failed && at != end;
       at.increment(failed)) {
    const std::string name = at->path().filename().string();
    std::int64_t version = 0;
    const auto read = std::from_chars(name.data(), name.data() + name.size(), version);
    const auto dot = static_cast<std::size_t>(read.ptr - name.data());
    if (read.ec != std::errc{} || dot >= name.size() || name[dot] != '.') continue;
    if (!name.ends_with(kEnding) || version > kBelievedVersion) continue;
    const std::string role = name.substr(dot + 1, name.size() - dot - 1 - kEnding.size());
    newest[role] = std::max(newest[role], version);
  }
  return newest;
}

Status add_timestamp_version(const fs::path& metadata,
                             std::map<std::string, std::int64_t>& newest) {
  ROOTLET_TRY(const Bytes file, read_file(metadata / "timestamp.json", limits::kTimestampBytes));
  ROOTLET_TRY(const Signed<TufTimestamp> timestamp,
              parse_metadata<TufTimestamp>(file, kTufTimestamp));
  newest[std::string(kTufTimestamp)] = std::min(timestamp.version, kBelievedVersion);
  return ok();
}

// Takes over the roots that were published after the backup; each verifies the next.
Status take_newer_roots(Registry& registry, const fs::path& metadata) {
  ROOTLET_TRY(const auto held, registry.newest_metadata(kTufRoot));
  if (!held.has_value()) return fail(ErrorCode::kStorageDamaged, "the backup has no root");
  ROOTLET_TRY(TufTrustedSet trusted, TufTrustedSet::from_root(held->file, UnixTime{}));
  while (true) {
    const fs::path path =
        metadata / (std::to_string(trusted.root().version + 1) + ".root" + std::string(kEnding));
    std::error_code unknown;
    if (!fs::exists(path, unknown)) return ok();
    ROOTLET_TRY(const Bytes file, read_file(path, limits::kRootBytes));
    ROOTLET_TRY(const TufRootUpdate update, trusted.update_root(file));
    if (!update.is_new) return ok();
    const UnixTime expires = trusted.root().expires;
    ROOTLET_TRY(registry.save_metadata(kTufRoot, {.version = trusted.root().version,
                                                  .signed_at = expires - kRootLife,
                                                  .expires = expires,
                                                  .file = file}));
  }
}

Status raise_roles(MetadataTable table, const std::map<std::string, std::int64_t>& seen) {
  ROOTLET_TRY(const auto entries, table.all());
  for (auto [role, entry] : entries) {
    if (role == kTufRoot) continue;
    const auto newer = seen.find(role);
    if (newer != seen.end()) entry.version = std::max(entry.version, newer->second);
    entry.version += kVersionJump;
    entry.fingerprint = {};
    ROOTLET_TRY(table.save(role, entry));
  }
  return ok();
}

Status raise_directory(Registry& registry) {
  DirectoryTables tree = registry.tree();
  std::vector<DirectoryStream> streams;
  ROOTLET_TRY(tree.visit_present([&](const DirectoryStream& stream) {
    streams.push_back(stream);
    return ok();
  }));
  for (DirectoryStream& stream : streams) {
    stream.version += static_cast<Version>(kVersionJump);
    ROOTLET_TRY(tree.save_stream(stream));
  }
  return remake_directory(registry);
}

// New keys of an epoch that the lost realm never reached, and the queue of streams to move to them.
Status raise_epochs(Registry& registry) {
  ROOTLET_TRY(const std::vector<std::string> datasets, registry.dataset_ids());
  for (const std::string& dataset : datasets) {
    ROOTLET_TRY(const std::vector<ContentKey> keys, registry.content_keys(dataset));
    std::uint32_t newest = 0;
    std::set<Grade> grades;
    for (const ContentKey& key : keys) {
      newest = std::max(newest, key.epoch);
      grades.insert(key.grade);
    }
    for (const Grade grade : grades) {
      ROOTLET_TRY(registry.save_content_key({.stream = {dataset, "all"},
                                             .grade = grade,
                                             .epoch = newest + kEpochJump,
                                             .key = SymmetricKey::random()}));
    }
    ROOTLET_TRY(registry.queue_rekeys(dataset, {"all"}));
  }
  return ok();
}

Result<std::vector<std::string>> foreign_roles(Realm& realm) {
  Registry& registry = realm.registry();
  ROOTLET_TRY(const auto entry, registry.newest_metadata(kTufRoot));
  ROOTLET_TRY(const Signed<TufRoot> root, parse_metadata<TufRoot>(entry->file, kTufRoot));
  ROOTLET_TRY(const std::vector<RoleKey> keys, role_keys(realm));
  std::vector<std::string> foreign;
  for (const RoleKey& key : keys) {
    if (!key.is_named_by_root) continue;
    const auto& named = root.body.role(key.role).key_ids;
    if (std::ranges::find(named, key.key_id) == named.end()) foreign.push_back(key.role);
  }
  return foreign;
}

Result<RestoreReport> continue_above(Realm& realm, const fs::path& newer, UnixTime now) {
  Registry& registry = realm.registry();
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  ROOTLET_TRY(finish_interrupted(realm, now));
  std::map<std::string, std::int64_t> seen;
  ROOTLET_TRY(Transaction transaction, registry.begin());
  if (!newer.empty()) {
    seen = versions_in(newer / "metadata");
    ROOTLET_TRY(add_timestamp_version(newer / "metadata", seen));
    ROOTLET_TRY(take_newer_roots(registry, newer / "metadata"));
  }
  ROOTLET_TRY(raise_roles(registry.metadata(), seen));
  ROOTLET_TRY(raise_roles(realm.serving().metadata(), seen));
  ROOTLET_TRY(raise_directory(registry));
  ROOTLET_TRY(registry.raise_grant_versions(static_cast<std::uint64_t>(kVersionJump)));
  ROOTLET_TRY(registry.touch_all_grant_files());
  ROOTLET_TRY(raise_epochs(registry));
  ROOTLET_TRY(commit_repository(realm, std::move(transaction), now));
  RestoreReport report;
  ROOTLET_TRY(report.streams, finish_rekeys(realm, now, static_cast<Version>(kVersionJump)));
  ROOTLET_TRY(report.foreign_roles, foreign_roles(realm));
  ROOTLET_TRY(const auto root, registry.newest_metadata(kTufRoot));
  report.root_version = root->version;
  return report;
}

Status check_free(const fs::path& folder) {
  std::error_code failed;
  if (!fs::exists(folder, failed) || (fs::is_directory(folder, failed) && fs::is_empty(folder))) {
    return ok();
  }
  return fail(ErrorCode::kUsage,
              folder.string() + " is not empty; a restored realm needs a new folder");
}

Result<RestoreReport> restored_in(const fs::path& draft, const fs::path& file,
                                  std::string_view passphrase, const fs::path& newer,
                                  const SigningClock& clock, UnixTime now) {
  ROOTLET_TRY(unpack_backup(file, passphrase, draft));
  ROOTLET_TRY(Realm realm, Realm::open(draft, clock));
  return continue_above(realm, newer, now);
}

}  // namespace

Result<RestoreReport> restore_realm(const fs::path& file, std::string_view passphrase,
                                    const fs::path& folder, const fs::path& newer,
                                    const SigningClock& clock, UnixTime now) {
  std::error_code failed;
  fs::path target = fs::absolute(folder, failed).lexically_normal();
  if (!target.has_filename()) target = target.parent_path();
  ROOTLET_TRY(check_free(target));
  ROOTLET_TRY(make_directory(target.parent_path()));
  fs::path draft = target;
  draft += ".new-" + std::to_string(::getpid());
  Result<RestoreReport> report = restored_in(draft, file, passphrase, newer, clock, now);
  if (report.has_value() && ::rename(draft.c_str(), target.c_str()) != 0) {
    report = errno_error("rename to", target);
  }
  if (report.has_error()) {
    std::error_code ignored;
    fs::remove_all(draft, ignored);
    return report;
  }
  ROOTLET_TRY(sync_directory(target.parent_path()));
  return report;
}

}  // namespace rootlet::platform
