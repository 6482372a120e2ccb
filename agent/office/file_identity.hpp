// Whether a path still leads to the file that was opened: a file that was replaced has another
// inode as long as the old one is open.
#pragma once

#include <sys/stat.h>

#include <optional>

#include "core/file/file.hpp"

namespace rootlet::agent {

struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  bool operator==(const FileIdentity&) const = default;
};

// nullopt if there is no such file.
inline std::optional<FileIdentity> identity_of(const fs::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return FileIdentity{.device = info.st_dev, .inode = info.st_ino};
}

}  // namespace rootlet::agent
