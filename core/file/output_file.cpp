// A device such as /dev/stdout takes no mode and no fsync.
#include "core/file/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace rootlet {
namespace {

bool is_regular(int descriptor) {
  struct stat info {};
  return ::fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode);
}

}  // namespace

Result<OutputFile> OutputFile::open(const fs::path& path, FileMode mode) {
  const mode_t bits = mode == FileMode::kPrivate ? 0600 : 0644;
  bool is_new = true;
  UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, bits));
  if (!file.is_open() && errno == EEXIST) {
    is_new = false;
    file.reset(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  }
  if (!file.is_open()) return errno_error("write to", path);
  OutputFile output(std::move(file), path, is_new);
  const int descriptor = output.file_.get();
  if (is_regular(descriptor) && ::fchmod(descriptor, bits) != 0) {
    return errno_error("protect", path);
  }
  return output;
}

OutputFile::~OutputFile() {
  if (file_.is_open() && is_new_) ::unlink(path_.c_str());
}

Status OutputFile::finish(ByteView bytes) {
  const bool regular = is_regular(file_.get());
  if (regular && ::ftruncate(file_.get(), 0) != 0) return errno_error("truncate", path_);
  while (!bytes.empty()) {
    const ssize_t count = ::write(file_.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error("write", path_);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  if (regular && ::fsync(file_.get()) != 0) return errno_error("fsync", path_);
  file_.reset();
  return ok();
}

}  // namespace rootlet
