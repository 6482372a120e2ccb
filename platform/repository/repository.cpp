// Writes the repository's files from the registry, and checks the files of packs.
#include "platform/repository/repository.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/file/descriptor.hpp"
#include "core/limits.hpp"
#include "sync/pack/pack.hpp"
#include "sync/pack/table/directory.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kComparedBytes = 16 * limits::kMiB;  // no metadata or grant is larger
// Versions that stay for clients in the middle of an update.
constexpr std::int64_t kOldMetadataKept = 16;

// Leaves a file with the same bytes untouched, so that its ETag stays the same.
Status write_if_different(const fs::path& path, ByteView bytes) {
  const Result<Bytes> held = read_file(path, kComparedBytes);
  if (held.has_value() && std::ranges::equal(held.value(), bytes)) return ok();
  ROOTLET_TRY(make_directory(path.parent_path()));
  return write_file_atomically(path, bytes);
}

Status write_grants(Realm& realm) {
  ROOTLET_TRY(const std::vector<OfficeEntry> offices, realm.registry().offices());
  for (const OfficeEntry& office : offices) {
    const fs::path path = realm.folder().repository() / grant_path(office.id);
    // None before the office enrols, and none while it waits for a new machine.
    ROOTLET_TRY(office.grant_file.empty() ? remove_file(path)
                                          : write_if_different(path, office.grant_file));
  }
  return ok();
}

Status write_metadata(Realm& realm, bool timestamp) {
  ROOTLET_TRY(const auto entries, realm.registry().published_metadata());
  for (const auto& [role, entry] : entries) {
    if ((role == kTufTimestamp) != timestamp) continue;
    ROOTLET_TRY(const std::string name, published_file_name(role, entry.version));
    ROOTLET_TRY(write_if_different(realm.folder().repository() / "metadata" / name, entry.file));
  }
  return ok();
}

// Removes old versions of metadata; every version of root stays.
Status sweep_metadata(Realm& realm) {
  ROOTLET_TRY(const auto entries, realm.registry().published_metadata());
  for (const auto& [role, entry] : entries) {
    if (role == kTufRoot || role == kTufTimestamp) continue;
    for (std::int64_t old = entry.version - kOldMetadataKept; old > 0; --old) {
      ROOTLET_TRY(const std::string name, published_file_name(role, old));
      const fs::path path = realm.folder().repository() / "metadata" / name;
      std::error_code unknown;
      if (!fs::exists(path, unknown)) break;
      ROOTLET_TRY(remove_file(path));
    }
  }
  return ok();
}

}  // namespace

std::string publisher_role(std::string_view provider_code) {
  std::string role = "publisher-";
  for (const char c : provider_code) {
    role.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return role;
}

Status PackFiles::write(const std::string& path_in_repository, ByteView bytes) {
  const fs::path path = repository_ / path_in_repository;
  ROOTLET_TRY(make_directory(path.parent_path()));
  UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file.is_open()) return errno_error("create", path);
  // A web server reads it as another user, whatever the umask of this command.
  if (::fchmod(file.get(), 0644) != 0) return errno_error("protect", path);
  while (!bytes.empty()) {
    const ssize_t count = ::write(file.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error("write", path);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  if (!file.close()) return errno_error("close", path);
  return ok();
}

// One syncfs() for hundreds of packs instead of two fsync() calls for each.
Status PackFiles::flush() {
  const UniqueFd folder(::open(repository_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open()) return errno_error("open", repository_);
  if (::syncfs(folder.get()) != 0) return errno_error("flush", repository_);
  return ok();
}

Status PackFiles::remove(const std::string& path_in_repository) {
  return remove_file(repository_ / path_in_repository);
}

std::string PackFiles::stamp_of(const PackEntry& pack) const {
  struct stat info {};
  if (::stat((repository_ / pack_path(pack.id)).c_str(), &info) != 0) return "";
  std::string stamp;
  for (const auto part :
       {static_cast<std::int64_t>(info.st_ino), static_cast<std::int64_t>(info.st_size),
        static_cast<std::int64_t>(info.st_ctim.tv_sec),
        static_cast<std::int64_t>(info.st_ctim.tv_nsec)}) {
    stamp += std::to_string(part) + ".";
  }
  return stamp;
}

bool PackFiles::is_sound(const PackEntry& pack) const {
  if (!pack.file_stamp.empty() && pack.file_stamp == stamp_of(pack)) return true;
  return check(pack).has_value();
}

Status PackFiles::check(const PackEntry& pack) const {
  ROOTLET_TRY(const Bytes file, read_file(repository_ / pack_path(pack.id), pack.file_bytes));
  ROOTLET_TRY(const PackHeader header, parse_pack_header(file));
  if (header.id != pack.id) return fail(ErrorCode::kUntrusted, "does not match its id");
  if (file.size() != pack.file_bytes || header.file_bytes() != file.size()) {
    return fail(ErrorCode::kUntrusted, "has a wrong length");
  }
  std::uint64_t at = header.header_bytes;
  for (const PackSection& section : header.sections) {
    const Hash256 hash = blake2b(ByteView(file).subspan(at, section.stored_bytes));
    if (start_of<16>(hash) != section.hash) {
      return fail(ErrorCode::kUntrusted,
                  "section of grade " + std::to_string(section.grade) + " does not match its hash");
    }
    at += section.stored_bytes;
  }
  return ok();
}

Status stage_repository(Realm& realm, UnixTime now) {
  ROOTLET_TRY(stage_grants(realm, now));
  ROOTLET_TRY(stage_directory(realm, now));
  ROOTLET_TRY(stage_metadata(realm, now));
  return realm.registry().save_setting(kSettingFilesPending, "1");
}

Status write_repository(Realm& realm) {
  ROOTLET_TRY(write_grants(realm));
  ROOTLET_TRY(write_metadata(realm, false));
  ROOTLET_TRY(write_metadata(realm, true));
  ROOTLET_TRY(sweep_metadata(realm));
  return realm.registry().save_setting(kSettingFilesPending, "0");
}

Status commit_repository(Realm& realm, Transaction transaction, UnixTime now) {
  ROOTLET_TRY(stage_repository(realm, now));
  ROOTLET_TRY(transaction.commit());
  return write_repository(realm);
}

Status finish_interrupted_files(Realm& realm) {
  ROOTLET_TRY(const auto pending, realm.registry().setting(kSettingFilesPending));
  return pending == "1" ? write_repository(realm) : ok();
}

Result<bool> renew_repository(Realm& realm, UnixTime now) {
  ROOTLET_TRY(Transaction transaction, realm.registry().begin());
  ROOTLET_TRY(const bool renewed, stage_metadata(realm, now));
  if (!renewed) return false;
  ROOTLET_TRY(realm.registry().save_setting(kSettingFilesPending, "1"));
  ROOTLET_TRY(transaction.commit());
  ROOTLET_TRY(write_repository(realm));
  return true;
}

}  // namespace rootlet::platform
