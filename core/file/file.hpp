// Files that survive a power cut: whole or not at all. Errors are kStorage, kStorageFull or kBusy
// and name the path.
#pragma once

#include <filesystem>
#include <optional>

#include "core/bytes.hpp"
#include "core/file/descriptor.hpp"

namespace rootlet {

namespace fs = std::filesystem;

enum class FileMode { kPublic, kPrivate };  // 0644, 0600

// At most `max_bytes`; a larger file is kBadInput, a missing one kStorage.
Result<Bytes> read_file(const fs::path& path, std::size_t max_bytes);
Result<std::string> read_text_file(const fs::path& path, std::size_t max_bytes);

// Writes beside the target, fsyncs, renames, fsyncs the folder: after a power cut the old content
// or the new is there, never a part.
Status write_file_atomically(const fs::path& path, ByteView bytes,
                             FileMode mode = FileMode::kPublic);

Status make_private_directory(const fs::path& path);  // 0700, parents too
Status make_directory(const fs::path& path);          // 0755, parents too
Status sync_directory(const fs::path& path);
Status remove_file(const fs::path& path);  // a missing file is fine

// An exclusive advisory lock (flock) held for the object's life; kBusy names the holder's pid.
class FileLock {
 public:
  static Result<FileLock> acquire(const fs::path& path);
  FileLock(FileLock&&) noexcept = default;
  FileLock& operator=(FileLock&&) = delete;

 private:
  explicit FileLock(UniqueFd file) : file_(std::move(file)) {}
  UniqueFd file_;
};

Error errno_error(std::string_view doing, const fs::path& path);

}  // namespace rootlet
