// The C library's names, over raw system calls; an image of the disk is a map of inodes.
#include "tests/faults/disk.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>

namespace rootlet::test {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPage = 4'096;

// What a disk holds for certain. Inode numbers of /dev/shm are not used twice.
class SyncedDisk {
 public:
  void note_everything(const fs::path& folder) {
    note_folder(folder);
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.is_directory()) note_folder(entry.path());
      if (entry.is_regular_file()) note_file(entry.path());
    }
  }
  void note_file(const fs::path& path) { files_[inode_of(path)] = content_of(path); }
  void note_folder(const fs::path& path) { folders_[inode_of(path)] = entries_of(path); }

  // Copies what is synced of `folder` to `image`. With a generator, what is not synced has a chance
  // too.
  void write_image(const fs::path& folder, const fs::path& image, std::mt19937_64* chance) const {
    fs::create_directories(image);
    ::chmod(image.c_str(), 0700);
    const auto known = folders_.find(inode_of(folder));
    const Entries now = entries_of(folder);
    Entries entries = known != folders_.end() ? known->second : Entries{};
    if (chance != nullptr && (*chance)() % 2 == 0) entries = now;
    for (const auto& [name, inode] : entries) {
      const auto file = files_.find(inode);
      if (folders_.contains(inode)) {
        // A folder keeps its name here: nothing renames folders.
        if (fs::exists(folder / name)) write_image(folder / name, image / name, chance);
        continue;
      }
      const std::string synced = file != files_.end() ? file->second : "";
      const auto current = now.find(name);
      const bool is_same = current != now.end() && current->second == inode;
      if (is_same && fs::is_directory(folder / name)) {
        write_image(folder / name, image / name, chance);
        continue;
      }
      const bool may_mix = chance != nullptr && is_same;
      std::ofstream(image / name, std::ios::binary)
          << (may_mix ? mixed(synced, content_of(folder / name), *chance) : synced);
      ::chmod((image / name).c_str(), 0600);
    }
  }

 private:
  using Entries = std::map<std::string, ino_t>;

  static ino_t inode_of(const fs::path& path) {
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0 ? info.st_ino : 0;
  }
  static Entries entries_of(const fs::path& folder) {
    Entries entries;
    for (const auto& entry : fs::directory_iterator(folder)) {
      entries[entry.path().filename()] = inode_of(entry.path());
    }
    return entries;
  }
  static std::string content_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  // Each page is old or new; so is the length.
  static std::string mixed(const std::string& synced, const std::string& now,
                           std::mt19937_64& chance) {
    std::string out = chance() % 2 == 0 ? synced : now;
    for (std::size_t at = 0; at < out.size(); at += kPage) {
      const std::string& from = chance() % 2 == 0 ? synced : now;
      for (std::size_t i = at; i < std::min({at + kPage, out.size(), from.size()}); ++i) {
        out[i] = from[i];
      }
    }
    return out;
  }

  std::map<ino_t, std::string> files_;
  std::map<ino_t, Entries> folders_;
};

enum class Call { kWrite, kMake, kSync, kOther };

// Null until break_disk(); the calls of other tests and of this file pass through.
struct BrokenDisk {
  FaultPlan plan;
  SyncedDisk synced;
  std::uint64_t calls = 0;
};
std::recursive_mutex g_mutex;
BrokenDisk* g_disk = nullptr;
thread_local bool t_passing = false;  // inside this file's own work

bool is_below(const std::string& path) {
  const std::string& folder = g_disk->plan.below.native();
  return path.size() >= folder.size() && path.compare(0, folder.size(), folder) == 0 &&
         (path.size() == folder.size() || path[folder.size()] == '/');
}

std::string path_of(int descriptor) {
  char name[4'096];
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t size = ::readlink(link.c_str(), name, sizeof name);
  return size > 0 ? std::string(name, static_cast<std::size_t>(size)) : std::string();
}

std::string absolute(const char* path) {
  return fs::absolute(path).lexically_normal().native();
}

[[noreturn]] void lose_power() {
  std::mt19937_64 chance(g_disk->plan.seed);
  const bool mixes = g_disk->plan.fault == Fault::kPowerOffMixed;
  g_disk->synced.write_image(g_disk->plan.below, g_disk->plan.image, mixes ? &chance : nullptr);
  ::_exit(kPowerOffExit);
}

bool must_fail(Call call) {
  const FaultPlan& plan = g_disk->plan;
  ++g_disk->calls;
  if (plan.at == 0) return false;
  const bool forever = plan.fault == Fault::kErrorForever || plan.fault == Fault::kFullForever;
  const bool is_hit = forever ? g_disk->calls >= plan.at : g_disk->calls == plan.at;
  if (!is_hit) return false;
  if (is_power_off(plan.fault)) lose_power();
  const bool is_full = plan.fault == Fault::kFullOnce || plan.fault == Fault::kFullForever;
  if (is_full && call != Call::kWrite && call != Call::kMake) return false;
  errno = is_full ? ENOSPC : EIO;
  return true;
}

// Runs `call` under the plan if `path` is below its folder. `synced` notes what the call has made
// certain.
template <typename Run, typename Note>
auto disturbed(Call call, const std::string& path, Run run, Note synced) {
  const std::lock_guard guard(g_mutex);
  t_passing = true;
  decltype(run(false)) outcome = 0;
  if (!is_below(path)) {
    outcome = run(false);
  } else if (must_fail(call)) {
    const int error = errno;
    if (g_disk->plan.fault == Fault::kTorn && call == Call::kWrite) run(true);
    errno = error;
    outcome = -1;
  } else {
    outcome = run(false);
    const int error = errno;
    if (outcome >= 0) synced();
    errno = error;
  }
  t_passing = false;
  return outcome;
}

constexpr auto kNothing = [] {};

bool passes() {
  return g_disk == nullptr || t_passing;
}

}  // namespace

std::string_view name_of(Fault fault) {
  switch (fault) {
    case Fault::kErrorOnce:
      return "error once";
    case Fault::kErrorForever:
      return "error for ever";
    case Fault::kFullOnce:
      return "full once";
    case Fault::kFullForever:
      return "full for ever";
    case Fault::kTorn:
      return "half a write";
    case Fault::kPowerOff:
      return "power off";
    case Fault::kPowerOffMixed:
      break;
  }
  return "power off, pages mixed";
}

bool is_power_off(Fault fault) {
  return fault == Fault::kPowerOff || fault == Fault::kPowerOffMixed;
}

void break_disk(const FaultPlan& plan) {
  const std::lock_guard guard(g_mutex);
  auto* disk = new BrokenDisk{.plan = plan, .synced = {}};
  if (is_power_off(plan.fault)) disk->synced.note_everything(plan.below);
  delete std::exchange(g_disk, disk);
}

void repair_disk() {
  const std::lock_guard guard(g_mutex);
  delete std::exchange(g_disk, nullptr);
}

std::uint64_t calls_counted() {
  const std::lock_guard guard(g_mutex);
  return g_disk != nullptr ? g_disk->calls : 0;
}

}  // namespace rootlet::test

// The C library's functions. A write below the folder may fail, be cut, or be the last before the
// power-off.
using namespace rootlet::test;

extern "C" {

ssize_t write(int descriptor, const void* bytes, size_t count) {
  const auto run = [&](bool half) {
    return ::syscall(SYS_write, descriptor, bytes, half ? count / 2 : count);
  };
  return passes() ? run(false) : disturbed(Call::kWrite, path_of(descriptor), run, kNothing);
}

ssize_t pwrite64(int descriptor, const void* bytes, size_t count, off64_t at) {
  const auto run = [&](bool half) {
    return ::syscall(SYS_pwrite64, descriptor, bytes, half ? count / 2 : count, at);
  };
  return passes() ? run(false) : disturbed(Call::kWrite, path_of(descriptor), run, kNothing);
}

ssize_t pwrite(int descriptor, const void* bytes, size_t count, off_t at) {
  return ::pwrite64(descriptor, bytes, count, at);
}

int ftruncate64(int descriptor, off64_t size) noexcept {
  const auto run = [&](bool) {
    return static_cast<int>(::syscall(SYS_ftruncate, descriptor, size));
  };
  return passes() ? run(false) : disturbed(Call::kOther, path_of(descriptor), run, kNothing);
}

int ftruncate(int descriptor, off_t size) noexcept {
  return ::ftruncate64(descriptor, size);
}

int fdatasync(int descriptor) {
  const auto run = [&](bool) { return static_cast<int>(::syscall(SYS_fdatasync, descriptor)); };
  if (passes()) return run(false);
  const std::string path = path_of(descriptor);
  return disturbed(Call::kSync, path, run, [&] {
    if (fs::is_directory(path)) {
      g_disk->synced.note_folder(path);
    } else {
      g_disk->synced.note_file(path);
    }
  });
}

int fsync(int descriptor) {
  return ::fdatasync(descriptor);
}

int syncfs(int descriptor) noexcept {
  const auto run = [&](bool) { return static_cast<int>(::syscall(SYS_syncfs, descriptor)); };
  if (passes()) return run(false);
  return disturbed(Call::kSync, path_of(descriptor), run,
                   [] { g_disk->synced.note_everything(g_disk->plan.below); });
}

int rename(const char* from, const char* to) noexcept {
  const auto run = [&](bool) { return static_cast<int>(::syscall(SYS_rename, from, to)); };
  return passes() ? run(false) : disturbed(Call::kOther, absolute(to), run, kNothing);
}

int unlink(const char* path) noexcept {
  const auto run = [&](bool) { return static_cast<int>(::syscall(SYS_unlink, path)); };
  return passes() ? run(false) : disturbed(Call::kOther, absolute(path), run, kNothing);
}

int mkdir(const char* path, mode_t mode) noexcept {
  const auto run = [&](bool) { return static_cast<int>(::syscall(SYS_mkdir, path, mode)); };
  return passes() ? run(false) : disturbed(Call::kMake, absolute(path), run, kNothing);
}

// Only a call that makes a file can fail for want of room.
int open64(const char* path, int flags, ...) {
  mode_t mode = 0;
  if ((flags & (O_CREAT | O_TMPFILE)) != 0) {
    va_list more;
    va_start(more, flags);
    mode = va_arg(more, mode_t);
    va_end(more);
  }
  const auto run = [&](bool) {
    return static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
  };
  struct stat info {};
  const bool makes = (flags & O_CREAT) != 0 && !passes() && ::stat(path, &info) != 0;
  return makes ? disturbed(Call::kMake, absolute(path), run, kNothing) : run(false);
}

int open(const char* path, int flags, ...) {
  mode_t mode = 0;
  if ((flags & (O_CREAT | O_TMPFILE)) != 0) {
    va_list more;
    va_start(more, flags);
    mode = va_arg(more, mode_t);
    va_end(more);
  }
  return ::open64(path, flags, mode);
}

}  // extern "C"
