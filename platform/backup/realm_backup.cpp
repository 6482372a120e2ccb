// Inside the sealed file: for each file the length of its path, the path, the length, the bytes;
// a path of length 0 ends it. Numbers have 8 bytes, little-endian.
#include "platform/backup/realm_backup.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "core/file/scratch.hpp"
#include "core/limits.hpp"
#include "platform/backup/sealed_file.hpp"
#include "platform/homes/home_address.hpp"
#include "platform/store/database_address.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kPathBytes = 1'024, kCopyBytes = limits::kMiB, kNumberBytes = 8;
constexpr std::string_view kRepository = "repository/", kRealmKey = "realm.key";
constexpr std::string_view kBucketRecord = "serving/bucket.db";
constexpr mode_t kRealmFolderMode = 0711;  // as Realm::create()

Bytes encode_number(std::uint64_t number) {
  Bytes bytes;
  for (std::size_t i = 0; i < kNumberBytes; ++i) {
    bytes.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
  }
  return bytes;
}

Result<std::uint64_t> read_number(SealedReader& reader) {
  ROOTLET_TRY(const Bytes bytes, reader.read(kNumberBytes));
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < kNumberBytes; ++i) number |= std::uint64_t{bytes[i]} << (8 * i);
  return number;
}

// realm.key goes in open, under the backup's passphrase: whatever locks it is lost with the
// machine. What the bucket held then says nothing of what it holds when the backup is restored.
bool is_left_out(const std::string& path) {
  return path.starts_with(kRealmKey) || path.ends_with("-wal") || path.ends_with("-shm") ||
         path.ends_with(".lock") || path.ends_with(".new") || path == kBucketRecord;
}

// The serving home first, because a worker may judge batches meanwhile: a batch that waits though
// its records are known is harmless, one whose records are missing would be lost.
bool is_before(const std::string& a, const std::string& b) {
  const bool a_serves = a.starts_with("serving/"), b_serves = b.starts_with("serving/");
  return a_serves != b_serves ? a_serves : a < b;
}

Result<std::vector<std::string>> files_of(const fs::path& folder) {
  std::vector<std::string> files;
  std::error_code failed;
  for (fs::recursive_directory_iterator at(folder, failed), end; !failed && at != end;
       at.increment(failed)) {
    if (!at->is_regular_file(failed)) continue;
    std::string path = at->path().lexically_relative(folder).string();
    if (!is_left_out(path)) files.push_back(std::move(path));
  }
  if (failed) return fail(ErrorCode::kStorage, folder.string() + ": " + failed.message());
  std::ranges::sort(files, is_before);
  return files;
}

Status add_header(SealedWriter& writer, std::string_view path, std::uint64_t size) {
  ROOTLET_TRY(writer.write(encode_number(path.size())));
  ROOTLET_TRY(writer.write(as_bytes(path)));
  return writer.write(encode_number(size));
}

Status add_realm_key(SealedWriter& writer, const SymmetricKey& key, BackupReport& report) {
  ROOTLET_TRY(add_header(writer, kRealmKey, key.expose().size()));
  ++report.files;
  report.bytes += key.expose().size();
  return writer.write(key.expose());
}

Status add_file(SealedWriter& writer, const std::string& path, const fs::path& source,
                BackupReport& report) {
  std::error_code failed;
  const std::uint64_t size = fs::file_size(source, failed);
  std::ifstream in(source, std::ios::binary);
  if (failed || !in) return errno_error("read", source);
  ROOTLET_TRY(add_header(writer, path, size));
  std::string piece(kCopyBytes, '\0');
  for (std::uint64_t left = size; left > 0;) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left, piece.size()));
    if (!in.read(piece.data(), static_cast<std::streamsize>(count))) {
      return fail(ErrorCode::kStorage, source.string() + ": it became shorter while it was read");
    }
    ROOTLET_TRY(writer.write(as_bytes(std::string_view(piece).substr(0, count))));
    left -= count;
  }
  ++report.files;
  report.bytes += size;
  return ok();
}

// Its own tools copy a database of PostgreSQL, all schemas at one moment.
Status check_is_in_folder(const RealmFolder& folder) {
  ROOTLET_TRY(const std::string database, load_address(folder.address()));
  if (database.empty()) return ok();
  ROOTLET_TRY(const DatabaseAddress address, parse_database_address(database));
  return Error(
      ErrorCode::kUsage, "this realm keeps its tables in PostgreSQL: no file was written", {},
      {.en = "Stop rootlet-platform here, then run pg_dump --format=custom --schema='" +
             address.prefix + "_*' on the database, and copy the realm's folder with its keys.",
       .zh =
           "请先停止本机的 rootlet-platform，再对该数据库运行 pg_dump --format=custom --schema='" +
           address.prefix + "_*'，并复制域文件夹及其密钥。"});
}

const SymmetricKey& key_of(Realm& realm, const std::string& path) {
  if (path.starts_with("serving/")) return realm.serving().key();
  return path.starts_with("intake/") ? realm.intake().key() : realm.key();
}

Status add_database(SealedWriter& writer, const std::string& path, Realm& realm,
                    const Scratch& scratch, BackupReport& report) {
  const fs::path copy = scratch.path() / "copy.db";
  {
    ROOTLET_TRY(Database database, Database::open(realm.folder().path / path, key_of(realm, path),
                                                  {.mode = OpenMode::kReadWrite}));
    ROOTLET_TRY(database.copy_to(copy));
  }
  ROOTLET_TRY(add_file(writer, path, copy, report));
  return remove_file(copy);
}

// No path of a backup leaves the folder, whatever wrote it.
Status check_path(const std::string& path) {
  const fs::path parts(path);
  const bool escapes = std::ranges::any_of(
      parts, [](const fs::path& part) { return part == ".." || part == "." || part.empty(); });
  if (!parts.is_absolute() && !escapes) return ok();
  return fail(ErrorCode::kUntrusted, "backup: it holds a file outside the realm");
}

Status unpack_file(SealedReader& reader, const std::string& path, const fs::path& folder) {
  ROOTLET_TRY(check_path(path));
  const bool is_public = path.starts_with(kRepository);
  const fs::path target = folder / path;
  ROOTLET_TRY(is_public ? make_directory(target.parent_path())
                        : make_private_directory(target.parent_path()));
  ROOTLET_TRY(std::uint64_t left, read_number(reader));
  std::ofstream out(target, std::ios::binary | std::ios::trunc);
  if (::chmod(target.c_str(), is_public ? 0644 : 0600) != 0) return errno_error("protect", target);
  while (left > 0) {
    ROOTLET_TRY(const Bytes piece, reader.read_some(left));
    out.write(as_text(piece).data(), static_cast<std::streamsize>(piece.size()));
    left -= piece.size();
  }
  out.close();
  return out ? ok() : Status(errno_error("write", target));
}

}  // namespace

Result<BackupReport> back_up_realm(Realm& realm, const fs::path& file,
                                   std::string_view passphrase) {
  ROOTLET_TRY(check_is_in_folder(realm.folder()));
  ROOTLET_TRY(SealedWriter writer, SealedWriter::open(file, passphrase));
  ROOTLET_TRY(const FileLock lock, lock_realm(realm.folder()));
  ROOTLET_TRY(const Scratch scratch, Scratch::make());
  ROOTLET_TRY(const std::vector<std::string> paths, files_of(realm.folder().path));
  BackupReport report;
  ROOTLET_TRY(add_realm_key(writer, realm.key(), report));
  for (const std::string& path : paths) {
    ROOTLET_TRY(path.ends_with(".db") ? add_database(writer, path, realm, scratch, report)
                                      : add_file(writer, path, realm.folder().path / path, report));
  }
  ROOTLET_TRY(writer.write(encode_number(0)));
  ROOTLET_TRY(writer.finish());
  return report;
}

Status unpack_backup(const fs::path& file, std::string_view passphrase, const fs::path& folder) {
  ROOTLET_TRY(SealedReader reader, SealedReader::open(file, passphrase));
  ROOTLET_TRY(make_private_directory(folder));
  while (true) {
    ROOTLET_TRY(const std::uint64_t length, read_number(reader));
    if (length == 0) break;
    if (length > kPathBytes) return fail(ErrorCode::kUntrusted, "backup: a path is too long");
    ROOTLET_TRY(const Bytes path, reader.read(static_cast<std::size_t>(length)));
    ROOTLET_TRY(unpack_file(reader, std::string(as_text(path)), folder));
  }
  ROOTLET_TRY(reader.expect_end());
  for (const char* part : {"keys", "state"}) {
    ROOTLET_TRY(make_private_directory(folder / part));
  }
  if (::chmod(folder.c_str(), kRealmFolderMode) != 0) return errno_error("protect", folder);
  return ok();
}

}  // namespace rootlet::platform
