// The agent's private folder: its layout, its lock, and the machine key that everything in it is
// encrypted under. If an owner or mode would expose the contents, fails with the reason; never
// repairs it silently.
#pragma once

#include <functional>
#include <optional>

#include "core/file/file.hpp"
#include "core/secret.hpp"

namespace rootlet::agent {

class Home {
 public:
  explicit Home(fs::path folder) : folder_(std::move(folder)) {}

  const fs::path& folder() const { return folder_; }
  fs::path lock_file() const { return folder_ / "agent.lock"; }
  fs::path machine_key_file() const { return folder_ / "machine.key"; }
  fs::path keys() const { return folder_ / "keys.db"; }
  fs::path directory() const { return folder_ / "directory.db"; }
  fs::path outbox() const { return folder_ / "outbox.db"; }
  fs::path ledger() const { return folder_ / "ledger.db"; }
  fs::path datasets() const { return folder_ / "datasets"; }
  fs::path dataset(std::string_view id) const { return datasets() / (std::string(id) + ".db"); }
  fs::path staging() const { return folder_ / "staging"; }
  fs::path trust() const { return folder_ / "trust"; }
  fs::path ca_file() const { return folder_ / "ca.pem"; }

  // If root runs this and another user owns the home, switches to that user permanently, so that
  // root never owns a file in the home. Otherwise does nothing.
  Status act_as_owner() const;
  // Creates the folders that are missing. kStorage if another user owns the home or its mode is not
  // private.
  Status prepare() const;
  // Locks the home for this process; kBusy if another process holds it.
  Result<FileLock> lock() const;
  // The same, but retries for ten seconds, because a command may hold the lock for a moment. Stops
  // retrying once `daemon_answers`, because a daemon keeps the lock.
  Result<FileLock> wait_for_lock(const std::function<bool()>& daemon_answers) const;

 private:
  fs::path folder_;
};

// The machine key: systemd's credential if there is one, else the file; nullopt if there is
// neither. kStorage with the reason if the file's owner or mode is wrong, kStorageDamaged if its
// size is.
Result<std::optional<SymmetricKey>> load_machine_key(const Home& home);

// The machine key; creates it on disk (fsynced) if there is none.
Result<SymmetricKey> make_machine_key(const Home& home);

// The credential's path in $CREDENTIALS_DIRECTORY, or nullopt if systemd provides none.
std::optional<fs::path> machine_credential();

}  // namespace rootlet::agent
