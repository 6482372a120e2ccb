// setuid(2) of root also sets the saved user, so there is no way back to root.
#include "core/file/owner.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

namespace rootlet {
namespace {

struct Owned {
  fs::path path;
  struct stat info {};
};

// `path`, or its nearest parent that exists and may be looked at.
std::optional<Owned> nearest_existing(fs::path path) {
  while (true) {
    if (path.empty()) path = ".";
    Owned found{.path = path};
    if (::stat(path.c_str(), &found.info) == 0) return found;
    if (path == "." || path == path.parent_path()) return std::nullopt;
    path = path.parent_path();
  }
}

}  // namespace

Status act_as_owner_of(const fs::path& folder) {
  if (::geteuid() != 0) return ok();
  const std::optional<Owned> owned = nearest_existing(folder);
  if (!owned || owned->info.st_uid == 0) return ok();
  if (::setgroups(0, nullptr) != 0 || ::setgid(owned->info.st_gid) != 0 ||
      ::setuid(owned->info.st_uid) != 0) {
    return errno_error("act as the owner of", owned->path);
  }
  return ok();
}

std::string user_name(uid_t uid) {
  char space[4096];
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, space, sizeof space, &found) == 0 && found != nullptr) {
    return entry.pw_name;
  }
  return std::to_string(uid);
}

std::string foreign_owner_note(const fs::path& path) {
  const int kept = errno;
  const std::optional<Owned> owned = nearest_existing(path);
  std::string note;
  if (owned && owned->info.st_uid != ::geteuid()) {
    note = " (" + owned->path.string() + " belongs to user '" + user_name(owned->info.st_uid) +
           "', this process is user '" + user_name(::geteuid()) + "')";
  }
  errno = kept;
  return note;
}

}  // namespace rootlet
