// Checks owner, mode and size of the home and its key before use.
#include "agent/office/home.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "core/file/owner.hpp"

namespace rootlet::agent {
namespace {

constexpr std::string_view kCredentialName = "rootlet-machine-key";
constexpr std::size_t kKeyBytes = 32;

std::string octal(mode_t mode) {
  char text[8];
  std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode & 07777));
  return text;
}

Error refused(const fs::path& path, const std::string& reason) {
  return fail(ErrorCode::kStorage, path.string() + ": " + reason);
}

Status check_key_file(const fs::path& path, const struct stat& info) {
  if (!S_ISREG(info.st_mode)) return refused(path, "is not a regular file");
  if (info.st_uid != ::geteuid()) {
    return refused(path, "belongs to user " + std::to_string(info.st_uid) + ", not to user " +
                             std::to_string(::geteuid()));
  }
  if ((info.st_mode & 077) != 0) {
    return refused(
        path, "has mode " + octal(info.st_mode) + ", others could read the key; it must be 0600");
  }
  if (info.st_size != static_cast<off_t>(kKeyBytes)) {
    return fail(ErrorCode::kStorageDamaged, path.string() + ": holds " +
                                                std::to_string(info.st_size) +
                                                " bytes, a key has " + std::to_string(kKeyBytes));
  }
  return ok();
}

Result<SymmetricKey> read_key(const fs::path& path) {
  ROOTLET_TRY(Bytes bytes, read_file(path, kKeyBytes));
  Result<SymmetricKey> key = SymmetricKey::from(bytes);
  sodium_memzero(bytes.data(), bytes.size());
  if (key.has_error()) return refused(path, "a machine key has exactly 32 bytes");
  return key;
}

}  // namespace

Status Home::act_as_owner() const {
  std::error_code ignored;
  if (!fs::exists(folder_, ignored)) return ok();
  return act_as_owner_of(folder_);
}

Status Home::prepare() const {
  std::error_code ignored;
  if (!fs::exists(folder_, ignored)) {
    ROOTLET_TRY(make_private_directory(folder_));
  }
  struct stat info {};
  if (::stat(folder_.c_str(), &info) != 0) return errno_error("open home", folder_);
  if (!S_ISDIR(info.st_mode)) return refused(folder_, "the home is not a folder");
  if (info.st_uid != ::geteuid()) {
    return refused(folder_, "the home belongs to user " + std::to_string(info.st_uid) +
                                ", this is user " + std::to_string(::geteuid()));
  }
  if ((info.st_mode & 077) != 0) {
    return refused(folder_, "the home has mode " + octal(info.st_mode) +
                                ", others could look inside; it must be 0700");
  }
  for (const fs::path& inner : {datasets(), staging(), trust()}) {
    ROOTLET_TRY(make_private_directory(inner));
  }
  return ok();
}

Result<FileLock> Home::lock() const {
  return FileLock::acquire(lock_file());
}

Result<FileLock> Home::wait_for_lock(const std::function<bool()>& daemon_answers) const {
  constexpr std::chrono::seconds kWait{10};
  constexpr std::chrono::milliseconds kStep{50};
  const auto end = std::chrono::steady_clock::now() + kWait;
  while (true) {
    Result<FileLock> held = lock();
    const bool busy = held.has_error() && held.error().code == ErrorCode::kBusy;
    if (!busy || daemon_answers() || std::chrono::steady_clock::now() > end) return held;
    std::this_thread::sleep_for(kStep);
  }
}

std::optional<fs::path> machine_credential() {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr || *folder == '\0') return std::nullopt;
  const fs::path path = fs::path(folder) / kCredentialName;
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return std::nullopt;
  return path;
}

Result<std::optional<SymmetricKey>> load_machine_key(const Home& home) {
  // systemd sets the credential's owner and mode; check only its size.
  if (const std::optional<fs::path> credential = machine_credential()) {
    ROOTLET_TRY(SymmetricKey key, read_key(*credential));
    return std::optional<SymmetricKey>(std::move(key));
  }
  const fs::path path = home.machine_key_file();
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return std::optional<SymmetricKey>();
    return errno_error("open", path);
  }
  ROOTLET_TRY(check_key_file(path, info));
  ROOTLET_TRY(SymmetricKey key, read_key(path));
  return std::optional<SymmetricKey>(std::move(key));
}

Result<SymmetricKey> make_machine_key(const Home& home) {
  ROOTLET_TRY(std::optional<SymmetricKey> held, load_machine_key(home));
  if (held) return std::move(*held);
  SymmetricKey key = SymmetricKey::random();
  ROOTLET_TRY(write_file_atomically(home.machine_key_file(), key.expose(), FileMode::kPrivate));
  return key;
}

}  // namespace rootlet::agent
