// Files that are complete or absent after a power cut. Errors are kStorage, kStorageFull or kBusy,
// and name the path.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

#include "core/bytes.hpp"
#include "core/file/descriptor.hpp"

namespace rootlet {

namespace fs = std::filesystem;

enum class FileMode { kPublic, kPrivate };  // 0644, 0600, whatever the umask

// At most `max_bytes`; a larger file is kBadInput, a missing one kStorage.
Result<Bytes> read_file(const fs::path& path, std::size_t max_bytes);
Result<std::string> read_text_file(const fs::path& path, std::size_t max_bytes);

// Writes <path>.new, fsyncs it, renames it to `path`, fsyncs the folder: after a power cut `path`
// has the old content or the new, never a part.
Status write_file_atomically(const fs::path& path, ByteView bytes,
                             FileMode mode = FileMode::kPublic);

Status make_private_directory(const fs::path& path);  // 0700, parents too
Status make_directory(const fs::path& path);          // 0755 whatever the umask, parents too
Status sync_directory(const fs::path& path);
Status remove_file(const fs::path& path);  // no error if it is missing

// An exclusive advisory lock (flock), held for the object's life. kBusy names the holder's pid.
class FileLock {
 public:
  static Result<FileLock> acquire(const fs::path& path);
  // Waits until no other process holds it; kBusy after `wait`.
  static Result<FileLock> acquire_within(const fs::path& path, std::chrono::milliseconds wait);
  FileLock(FileLock&&) noexcept = default;
  FileLock& operator=(FileLock&&) = delete;

 private:
  explicit FileLock(UniqueFd file) : file_(std::move(file)) {}
  UniqueFd file_;
};

// An error from errno: "<doing> <path>: <reason>"; kStorageFull for a full disk or quota.
Error errno_error(std::string_view doing, const fs::path& path);

}  // namespace rootlet
