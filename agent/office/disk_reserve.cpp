// The reserve is allocated, not only declared, so that its blocks are really there to give up.
#include "agent/office/disk_reserve.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "core/file/descriptor.hpp"
#include "core/file/space.hpp"
#include "core/limits.hpp"
#include "core/log.hpp"

namespace rootlet::agent {
namespace {

constexpr std::uint64_t kRoomForReserve = 3 * limits::kDiskReserveBytes;

fs::path file_of(const Home& home) {
  return home.folder() / "reserve";
}

}  // namespace

void keep_disk_reserve(const Home& home) {
  const fs::path path = file_of(home);
  std::error_code failed;
  if (fs::exists(path, failed) || free_bytes(home.folder()).value_or(0) < kRoomForReserve) return;
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (file.is_open() && ::posix_fallocate(file.get(), 0, limits::kDiskReserveBytes) == 0) return;
  ::unlink(path.c_str());  // half a reserve would never become a whole one
}

bool release_disk_reserve(const Home& home) {
  if (::unlink(file_of(home).c_str()) != 0) return false;
  log_warning("the disk is full (" + words_of_space(home.folder()) +
              "); the space kept for this case is now in use");
  return true;
}

}  // namespace rootlet::agent
