// A realm's folder: its files, its key, its lock and its registry (docs/ARCHITECTURE.md, "What is
// remembered").
//
// A command that only reads needs no lock. A command that writes takes the lock before it first
// reads the registry and keeps it until it has written the last file. Never hold the lock while
// waiting for a person or the network. One Realm per thread.
#pragma once

#include <chrono>
#include <filesystem>

#include "core/file/file.hpp"
#include "core/secret.hpp"
#include "platform/realm/registry.hpp"
#include "platform/realm/signing_clock.hpp"

namespace rootlet::platform {

struct RealmFolder {
  fs::path path;
  fs::path key() const { return path / "realm.key"; }
  fs::path lock() const { return path / "realm.lock"; }
  fs::path keys() const { return path / "keys"; }
  fs::path registry() const { return path / "platform.db"; }
  fs::path states() const { return path / "state"; }
  fs::path state(std::string_view dataset) const {
    return states() / (std::string(dataset) + ".db");
  }
  fs::path inbox() const { return path / "inbox.db"; }
  fs::path records() const { return path / "records.db"; }
  fs::path repository() const { return path / "repository"; }
};

class Realm {
 public:
  // kUsage if there is no realm in `folder`, kStorageDamaged if its key does not open the registry.
  // With `clock`, the realm signs only when it shows a time that the realm's past explains.
  static Result<Realm> open(const fs::path& folder, SigningClock clock = {});
  // Creates the folder, its key and an empty registry. kUsage unless `folder` is missing or empty.
  static Result<Realm> create(const fs::path& folder);

  const RealmFolder& folder() const { return folder_; }
  const SymmetricKey& key() const { return key_; }
  Registry& registry() { return registry_; }
  const SigningClock& signing_clock() const { return signing_clock_; }

 private:
  Realm(RealmFolder folder, SymmetricKey key, Registry registry)
      : folder_(std::move(folder)), key_(std::move(key)), registry_(std::move(registry)) {}
  RealmFolder folder_;
  SymmetricKey key_;
  Registry registry_;
  SigningClock signing_clock_;
};

inline constexpr std::chrono::seconds kRealmLockWait{60};

// Waits until no other process holds the lock; kBusy after `wait`.
Result<FileLock> lock_realm(const RealmFolder& folder,
                            std::chrono::milliseconds wait = kRealmLockWait);

}  // namespace rootlet::platform
