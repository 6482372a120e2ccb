// A realm's folder: its homes, their keys, its lock and its registry (docs/ARCHITECTURE.md, "What
// is remembered"; docs/adr/0017). Commands of the publishing home open all of it; `serve` opens
// only the serving home, and the validation of records only that and the intake home.
//
// A command that only reads needs no lock. A command that writes takes the lock before it first
// reads the registry and keeps it until it has written the last file. Never hold the lock while
// waiting for a person or the network. One Realm per thread.
#pragma once

#include <chrono>
#include <filesystem>

#include "core/file/file.hpp"
#include "core/secret.hpp"
#include "platform/homes/serving_home.hpp"
#include "platform/online/signing_clock.hpp"
#include "platform/realm/registry.hpp"
#include "sync/trust/office/service_keys.hpp"

namespace rootlet::platform {

struct RealmFolder {
  fs::path path;
  fs::path key() const { return path / "realm.key"; }
  fs::path lock() const { return path / "realm.lock"; }
  // Of one publish of a dataset at a time, which reads its source without the realm's lock.
  fs::path dataset_lock(std::string_view dataset) const {
    return path / ("publish." + std::string(dataset) + ".lock");
  }
  fs::path keys() const { return path / "keys"; }
  fs::path registry() const { return path / "platform.db"; }
  fs::path address() const { return path / "database"; }
  fs::path states() const { return path / "state"; }
  fs::path state(std::string_view dataset) const {
    return states() / (std::string(dataset) + ".db");
  }
  ServingFolder serving() const { return {path / "serving"}; }
  IntakeFolder intake() const { return {path / "intake"}; }
  fs::path repository() const { return path / "repository"; }
};

class Realm {
 public:
  // kUsage if there is no realm in `folder`, kStorageDamaged if a key does not open its database.
  // With `clock`, the realm signs only when it shows a time that the realm's past explains.
  static Result<Realm> open(const fs::path& folder, SigningClock clock = {});
  // Creates the folder, its homes and their keys, and an empty registry. kUsage unless `folder` is
  // missing or empty. With the address of a `database` all tables but those of states lie there;
  // kUsage if it has a realm already.
  static Result<Realm> create(const fs::path& folder, const std::string& database = {});

  const RealmFolder& folder() const { return folder_; }
  const SymmetricKey& key() const { return key_; }
  Registry& registry() { return registry_; }
  ServingHome& serving() { return serving_; }
  IntakeHome& intake() { return intake_; }
  const SigningClock& signing_clock() const { return signing_clock_; }

 private:
  Realm(RealmFolder folder, SymmetricKey key, Registry registry, ServingHome serving,
        IntakeHome intake)
      : folder_(std::move(folder)),
        key_(std::move(key)),
        registry_(std::move(registry)),
        serving_(std::move(serving)),
        intake_(std::move(intake)) {}
  RealmFolder folder_;
  SymmetricKey key_;
  Registry registry_;
  ServingHome serving_;
  IntakeHome intake_;
  SigningClock signing_clock_;
};

// The public keys of all homes that offices use.
Result<ServiceKeys> service_keys(Realm& realm);

// The secrets of the home that has the key of this name: a role's or a service key's.
SecretTable secrets_with(Realm& realm, std::string_view name);
// The new key of a role that root names lies under this name in the publishing home, until the root
// that names it is published.
std::string pending_secret(std::string_view role);

inline constexpr std::chrono::seconds kRealmLockWait{60};

// Waits until no other process holds the lock; kBusy after `wait`.
Result<FileLock> lock_realm(const RealmFolder& folder,
                            std::chrono::milliseconds wait = kRealmLockWait);
Result<FileLock> lock_dataset(const RealmFolder& folder, std::string_view dataset,
                              std::chrono::milliseconds wait = kRealmLockWait);

}  // namespace rootlet::platform
