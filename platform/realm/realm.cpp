// Creates, opens and locks a realm's folder.
#include "platform/realm/realm.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <thread>

namespace rootlet::platform {
namespace {

constexpr std::chrono::milliseconds kLockPause{100};
constexpr mode_t kRealmFolderMode = 0711;

Result<SymmetricKey> load_realm_key(const RealmFolder& folder) {
  struct stat info {};
  if (::stat(folder.key().c_str(), &info) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) return errno_error("stat", folder.key());
    return fail(ErrorCode::kUsage,
                folder.path.string() +
                    " is not a realm: name one with --realm or ROOTLET_REALM, or create one "
                    "with \"rootlet-platform init\"");
  }
  if ((info.st_mode & 077) != 0) {
    return fail(ErrorCode::kUsage,
                folder.key().string() + " is accessible to other users: run chmod 600 on it first");
  }
  ROOTLET_TRY(Bytes bytes, read_file(folder.key(), 32));
  Result<SymmetricKey> key = SymmetricKey::from(bytes);
  sodium_memzero(bytes.data(), bytes.size());
  if (key.has_error()) {
    return fail(ErrorCode::kStorageDamaged, folder.key().string() + " is not 32 bytes long");
  }
  return key;
}

}  // namespace

Result<Realm> Realm::open(const fs::path& path, SigningClock clock) {
  RealmFolder folder{path};
  ROOTLET_TRY(SymmetricKey key, load_realm_key(folder));
  ROOTLET_TRY(Registry registry, Registry::open(folder.registry(), key));
  Realm realm(std::move(folder), std::move(key), std::move(registry));
  realm.signing_clock_ = std::move(clock);
  return realm;
}

Result<Realm> Realm::create(const fs::path& path) {
  std::error_code code;
  if (fs::exists(path, code) && !fs::is_directory(path, code)) {
    return fail(ErrorCode::kUsage, path.string() + " is a file; a realm needs a folder");
  }
  if (fs::is_directory(path, code) && !fs::is_empty(path, code)) {
    return fail(ErrorCode::kUsage,
                path.string() + " is not empty; a new realm needs an empty folder");
  }
  RealmFolder folder{path};
  ROOTLET_TRY(make_private_directory(folder.path));
  ROOTLET_TRY(make_private_directory(folder.keys()));
  ROOTLET_TRY(make_private_directory(folder.states()));
  ROOTLET_TRY(make_directory(folder.repository()));
  for (const char* part : {"metadata", "directory", "packs", "offices", "news"}) {
    ROOTLET_TRY(make_directory(folder.repository() / part));
  }
  SymmetricKey key = SymmetricKey::random();
  ROOTLET_TRY(write_file_atomically(folder.key(), key.expose(), FileMode::kPrivate));
  ROOTLET_TRY(Registry registry, Registry::open(folder.registry(), key));
  // A web server may pass through to repository/, and can neither list nor read anything else.
  if (::chmod(folder.path.c_str(), kRealmFolderMode) != 0) {
    return errno_error("protect", folder.path);
  }
  return Realm(std::move(folder), std::move(key), std::move(registry));
}

Result<FileLock> lock_realm(const RealmFolder& folder, std::chrono::milliseconds wait) {
  const auto until = std::chrono::steady_clock::now() + wait;
  while (true) {
    Result<FileLock> lock = FileLock::acquire(folder.lock());
    if (lock.has_value() || lock.error().code != ErrorCode::kBusy) return lock;
    if (std::chrono::steady_clock::now() >= until) return lock;
    std::this_thread::sleep_for(kLockPause);
  }
}

}  // namespace rootlet::platform
