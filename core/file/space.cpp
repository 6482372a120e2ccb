// statvfs(3); a mount point is where the device number changes on the way up.
#include "core/file/space.hpp"

#include <sys/stat.h>
#include <sys/statvfs.h>

namespace rootlet {
namespace {

namespace fs = std::filesystem;

// `path`, or the first folder above it that exists.
fs::path existing(const fs::path& path) {
  std::error_code failed;
  fs::path at = fs::absolute(path, failed);
  struct stat info {};
  while (at.has_relative_path() && ::stat(at.c_str(), &info) != 0) at = at.parent_path();
  return at;
}

fs::path mount_point_of(fs::path at) {
  struct stat info {
  }, above{};
  if (::stat(at.c_str(), &info) != 0) return at;
  if (!S_ISDIR(info.st_mode)) at = at.parent_path();
  while (at.has_relative_path() && ::stat(at.parent_path().c_str(), &above) == 0 &&
         above.st_dev == info.st_dev) {
    at = at.parent_path();
  }
  return at;
}

}  // namespace

std::optional<std::uint64_t> free_bytes(const fs::path& path) {
  struct statvfs space {};
  if (::statvfs(existing(path).c_str(), &space) != 0) return std::nullopt;
  return static_cast<std::uint64_t>(space.f_bavail) * space.f_frsize;
}

std::string words_of_space(const fs::path& path) {
  const fs::path at = existing(path);
  const std::optional<std::uint64_t> left = free_bytes(at);
  const std::string where = "the file system at " + mount_point_of(at).string();
  if (!left) return where + " does not say how much it has free";
  return where + " has " + std::to_string(*left / 1024) + " KiB free";
}

}  // namespace rootlet
