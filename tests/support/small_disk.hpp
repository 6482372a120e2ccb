// A file system of a few hundred KiB, to fill up.
#pragma once

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <optional>

#include "core/file/descriptor.hpp"
#include "tests/support/support.hpp"

namespace rootlet::test {

class SmallDisk {
 public:
  // Nullopt, with a message, where this user may not mount.
  static std::optional<SmallDisk> mount(std::size_t bytes) {
    auto folder = std::make_unique<TempDir>();
    const std::string size = "size=" + std::to_string(bytes) + ",mode=0755";
    if (::mount("rootlet-test", folder->path().c_str(), "tmpfs", 0, size.c_str()) != 0) {
      MESSAGE("skipped: this user may not mount a file system");
      return std::nullopt;
    }
    return SmallDisk(std::move(folder));
  }
  SmallDisk(SmallDisk&&) = default;
  SmallDisk& operator=(SmallDisk&&) = delete;
  ~SmallDisk() {
    if (folder_) ::umount2(folder_->path().c_str(), MNT_DETACH);
  }

  const std::filesystem::path& path() const { return folder_->path(); }
  // Takes all that is left; again after something was freed.
  void fill() {
    const UniqueFd file(
        ::open((*folder_ / "ballast").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    REQUIRE(file.is_open());
    const std::string block(4096, 'x');
    while (::write(file.get(), block.data(), block.size()) > 0) continue;
  }
  void clear() { std::filesystem::remove(*folder_ / "ballast"); }

 private:
  explicit SmallDisk(std::unique_ptr<TempDir> folder) : folder_(std::move(folder)) {}
  std::unique_ptr<TempDir> folder_;
};

}  // namespace rootlet::test
