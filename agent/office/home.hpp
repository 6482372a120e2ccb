// The agent's private folder: its layout, its one owner at a time, and the machine key under which
// everything in it is encrypted. A folder, key or mode that cannot protect what it holds is refused
// with the reason, never repaired in silence.
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

  // If root runs this on a home that belongs to another user, goes on as that user for good, so
  // that nothing in the home ends up belonging to root. Anybody else, or no home yet: nothing
  // happens.
  Status act_as_owner() const;
  // Makes the folder if it is missing. kStorage if it is another's, or others may look inside.
  Status prepare() const;
  // Holds the home for this process; kBusy if another one does.
  Result<FileLock> lock() const;
  // The same, but waits some seconds for a command that holds it for a moment; stops waiting when
  // `daemon_answers`, because a daemon holds it for good.
  Result<FileLock> wait_for_lock(const std::function<bool()>& daemon_answers) const;

 private:
  fs::path folder_;
};

// The machine key: systemd's credential if there is one, else the file. nullopt if there is
// neither. kStorage, naming what is wrong, if the file's owner, mode or size is.
Result<std::optional<SymmetricKey>> load_machine_key(const Home& home);

// The machine key, made and kept (fsynced) if there is none.
Result<SymmetricKey> make_machine_key(const Home& home);

// Where systemd put the credential, if it did: a path inside $CREDENTIALS_DIRECTORY.
std::optional<fs::path> machine_credential();

}  // namespace rootlet::agent
