#include "platform/online/file_batch.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "core/file/descriptor.hpp"
#include "core/file/write_all.hpp"
#include "core/limits.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kComparedBytes = 16 * limits::kMiB;  // no grant and no news is larger
constexpr std::string_view kTemporary = ".new";

Status write_whole(const fs::path& path, ByteView bytes) {
  UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file.is_open()) return errno_error("create", path);
  // A web server reads it as another user, whatever the umask of this command.
  if (::fchmod(file.get(), 0644) != 0) return errno_error("protect", path);
  ROOTLET_TRY(write_all(file, path, bytes));
  if (!file.close()) return errno_error("close", path);
  return ok();
}

fs::path temporary(fs::path path) {
  return path += kTemporary;
}

}  // namespace

Status FileBatch::write(const std::string& path_in_repository, ByteView bytes) {
  const fs::path path = repository_ / path_in_repository;
  const Result<Bytes> held = read_file(path, kComparedBytes);
  if (held.has_value() && std::ranges::equal(held.value(), bytes)) return ok();
  ROOTLET_TRY(make_directory(path.parent_path()));
  ROOTLET_TRY(write_whole(temporary(path), bytes));
  written_.push_back(path);
  return ok();
}

Status FileBatch::finish() {
  if (written_.empty()) return ok();
  ROOTLET_TRY(flush());
  for (const fs::path& path : written_) {
    if (::rename(temporary(path).c_str(), path.c_str()) != 0) return errno_error("rename to", path);
  }
  written_.clear();
  return flush();
}

Status FileBatch::flush() const {
  const UniqueFd folder(::open(repository_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open()) return errno_error("open", repository_);
  if (::syncfs(folder.get()) != 0) return errno_error("flush", repository_);
  return ok();
}

}  // namespace rootlet::platform
