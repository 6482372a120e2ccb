// Codes: sqlite.org/rescode.html.
#include "storage/sqlite/sqlite_error.hpp"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/file/owner.hpp"
#include "core/file/space.hpp"
#include "core/limits.hpp"

namespace rootlet {
namespace {

// The file is not as this program wrote it, although the system read it without an error.
bool is_damage(int code, std::string_view detail) {
  if (code == SQLITE_IOERR_SHORT_READ || code == SQLITE_IOERR_DATA ||
      code == SQLITE_IOERR_CORRUPTFS) {
    return true;
  }
  // All SQL is ours, so a table or column is missing only if it was lost.
  return (code & 0xFF) == SQLITE_ERROR &&
         (detail.starts_with("no such table") || detail.starts_with("no such column"));
}

// SQLite's files are full if it says so, if the system's own error says so, or if a write failed on
// a file system without a free block: the shared-memory file reports only that "I/O failed".
bool is_disk_full(int code, sqlite3* handle) {
  constexpr std::uint64_t kOneBlock = 4 * limits::kKiB;
  const int kind = code & 0xFF;
  if (kind == SQLITE_FULL) return true;
  if (kind != SQLITE_IOERR && kind != SQLITE_CANTOPEN) return false;
  if (code == SQLITE_IOERR_READ || code == SQLITE_IOERR_NOMEM || handle == nullptr) return false;
  if (is_damage(code, "")) return false;
  const int reason = sqlite3_system_errno(handle);
  if (reason == ENOSPC || reason == EDQUOT) return true;
  const char* file = sqlite3_db_filename(handle, "main");
  return file != nullptr && free_bytes(file).value_or(kOneBlock) < kOneBlock;
}

ErrorCode kind_of(int code, std::string_view detail) {
  if (is_damage(code, detail)) return ErrorCode::kStorageDamaged;
  switch (code & 0xFF) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return ErrorCode::kStorageDamaged;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::kBusy;
    default:
      return ErrorCode::kStorage;
  }
}

bool comes_of_permissions(int code) {
  const int kind = code & 0xFF;
  return kind == SQLITE_READONLY || kind == SQLITE_CANTOPEN || kind == SQLITE_PERM;
}

// Of the database and the files beside it, the first that another user owns; else empty.
fs::path foreign_file(const fs::path& database) {
  for (const char* suffix : {"", "-wal", "-shm"}) {
    fs::path path = database;
    path += suffix;
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0 && info.st_uid != ::geteuid()) return path;
  }
  return {};
}

}  // namespace

Error sqlite_error(int code, sqlite3* handle, const std::string& where, const char* detail) {
  if (is_disk_full(code, handle)) {
    const char* file = handle != nullptr ? sqlite3_db_filename(handle, "main") : nullptr;
    const std::string space = file != nullptr ? "; " + words_of_space(file) : "";
    return fail(ErrorCode::kStorageFull, where + ": the disk is full" + space);
  }
  return fail(kind_of(code, detail != nullptr ? detail : ""),
              where + ": " + (detail != nullptr ? detail : sqlite3_errstr(code)));
}

Error file_error(int code, sqlite3* handle, const std::string& where, const char* detail,
                 const fs::path& database) {
  Error error = sqlite_error(code, handle, where, detail);
  if (error.code == ErrorCode::kStorageFull || !comes_of_permissions(code)) return error;
  const fs::path foreign = foreign_file(database);
  const fs::path named = foreign.empty() ? database : foreign;
  error.message += ": " + named.string() + foreign_owner_note(named);
  if (foreign.empty()) return error;
  const std::string command = "sudo chown " + user_name(::geteuid()) + ": " + named.string();
  error.hint = {.en = "Give the file back: " + command, .zh = "请归还文件所有权：" + command};
  return error;
}

Error file_error(int code, const std::string& where, const char* detail, sqlite3* handle) {
  const char* path = sqlite3_db_filename(handle, "main");
  return file_error(code, handle, where, detail, fs::path(path != nullptr ? path : ""));
}

std::string running_in(sqlite3* handle) {
  const char* const path = sqlite3_db_filename(handle, "main");
  const std::string name = std::filesystem::path(path != nullptr ? path : "").filename().string();
  return name.empty() ? "run" : name + ": run";
}

}  // namespace rootlet
