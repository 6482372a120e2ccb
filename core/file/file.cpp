// POSIX calls, each with its own error message; the durable order is write, fsync, rename, fsync of
// the folder.
#include "core/file/file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "core/file/owner.hpp"
#include "core/file/space.hpp"
#include "core/file/write_all.hpp"

namespace rootlet {
namespace {

Status make_directories(const fs::path& path, mode_t mode) {
  if (path.empty()) return ok();
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return ok();
  if (path.has_parent_path()) {
    ROOTLET_TRY(make_directories(path.parent_path(), mode));
  }
  if (::mkdir(path.c_str(), mode) != 0) {
    return errno == EEXIST ? ok() : Status(errno_error("create", path));
  }
  // The mode is a promise, whatever the umask.
  if (::chmod(path.c_str(), mode) != 0) return errno_error("protect", path);
  return ok();
}

}  // namespace

Status write_all(const UniqueFd& file, const fs::path& path, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error("write", path);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return ok();
}

Error errno_error(std::string_view doing, const fs::path& path) {
  const int number = errno;
  const bool full = number == ENOSPC || number == EDQUOT;
  const bool denied = number == EACCES || number == EPERM;
  const std::string more = full     ? "; " + words_of_space(path)
                           : denied ? foreign_owner_note(path)
                                    : "";
  return fail(full ? ErrorCode::kStorageFull : ErrorCode::kStorage,
              std::string(doing) + " " + path.string() + ": " + std::strerror(number) + more);
}

Result<Bytes> read_file(const fs::path& path, std::size_t max_bytes) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return errno_error("open", path);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return errno_error("stat", path);
  if (S_ISDIR(info.st_mode)) {
    errno = EISDIR;
    return errno_error("read", path);
  }
  Bytes bytes;
  std::uint8_t chunk[16 * 1024];
  while (true) {
    const ssize_t count = ::read(file.get(), chunk, sizeof chunk);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error("read", path);
    if (count == 0) return bytes;
    bytes.insert(bytes.end(), chunk, chunk + count);
    if (bytes.size() > max_bytes) {
      return bad_input(path.string() + ": larger than " + std::to_string(max_bytes) + " bytes",
                       "size");
    }
  }
}

Result<std::string> read_text_file(const fs::path& path, std::size_t max_bytes) {
  ROOTLET_TRY(const Bytes bytes, read_file(path, max_bytes));
  return std::string(as_text(bytes));
}

Status write_file_atomically(const fs::path& path, ByteView bytes, FileMode mode) {
  fs::path temporary = path;
  temporary += ".new";
  {
    const mode_t bits = mode == FileMode::kPrivate ? 0600 : 0644;
    ::unlink(temporary.c_str());  // a leftover of a crash
    const UniqueFd file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, bits));
    if (!file.is_open()) return errno_error("create", temporary);
    if (::fchmod(file.get(), bits) != 0) return errno_error("protect", temporary);
    ROOTLET_TRY(write_all(file, temporary, bytes));
    if (::fsync(file.get()) != 0) return errno_error("fsync", temporary);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) return errno_error("rename to", path);
  return sync_directory(path.parent_path());
}

Status make_private_directory(const fs::path& path) {
  ROOTLET_TRY(make_directories(path, 0700));
  if (::chmod(path.c_str(), 0700) != 0) return errno_error("protect", path);
  return ok();
}

Status make_directory(const fs::path& path) {
  return make_directories(path, 0755);
}

Status sync_directory(const fs::path& path) {
  const fs::path folder = path.empty() ? fs::path(".") : path;
  const UniqueFd directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.is_open()) return errno_error("open", folder);
  if (::fsync(directory.get()) != 0) return errno_error("fsync", folder);
  return ok();
}

Status remove_file(const fs::path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return errno_error("remove", path);
  return ok();
}

Result<FileLock> FileLock::acquire(const fs::path& path) {
  UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file.is_open()) return errno_error("open", path);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    char holder[32] = {};
    const ssize_t count = ::pread(file.get(), holder, sizeof holder - 1, 0);
    const std::string pid = count > 0 ? std::string(holder, static_cast<std::size_t>(count)) : "?";
    return fail(ErrorCode::kBusy, path.string() + " is held by process " + pid);
  }
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(file.get(), 0) != 0) return errno_error("truncate", path);
  ROOTLET_TRY(write_all(file, path, as_bytes(pid)));
  return FileLock(std::move(file));
}

Result<FileLock> FileLock::acquire_within(const fs::path& path, std::chrono::milliseconds wait) {
  constexpr std::chrono::milliseconds kPause{100};
  const auto until = std::chrono::steady_clock::now() + wait;
  while (true) {
    Result<FileLock> lock = acquire(path);
    if (lock.has_value() || lock.error().code != ErrorCode::kBusy) return lock;
    if (std::chrono::steady_clock::now() >= until) return lock;
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace rootlet
