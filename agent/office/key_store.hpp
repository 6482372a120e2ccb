// keys.db: the office's identity, the key of every other file, the grant file, and the few facts
// that must survive a power cut. Encrypted under the machine key; every commit is on disk before it
// returns. Destroying a file's key erases that file. One KeyStore per thread.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <vector>

#include "agent/office/home.hpp"
#include "agent/time/trusted_clock.hpp"
#include "storage/database.hpp"

namespace rootlet::agent {

// A dataset copy that was erased, for status and doctor.
struct Erasure {
  std::string dataset;
  UnixTime at{};
  std::string reason;  // an Access as a word
};

// A disposal certificate that is not in the outbox yet.
struct WaitingCertificate {
  std::string record;  // the id of the record that it becomes
  std::string values;  // of the built-in form "disposal", as JSON
};

class KeyStore {
 public:
  // kStorageDamaged if `machine_key` is not the one that keys.db was created with.
  // `busy_wait` is how long a writer waits for others.
  static Result<KeyStore> open(const Home& home, const SymmetricKey& machine_key,
                               std::chrono::milliseconds busy_wait = std::chrono::seconds(10));

  Result<std::optional<Bytes>> fact(std::string_view name);
  Status save_fact(std::string_view name, ByteView value);
  // All in one transaction.
  Status save_facts(std::span<const std::pair<std::string_view, ByteView>> facts);
  Status save_facts(std::initializer_list<std::pair<std::string_view, ByteView>> facts) {
    return save_facts(std::span(facts.begin(), facts.size()));
  }
  // The facts named `from` + name, for each of `names`, become those named name; in one
  // transaction. All must be there.
  Status move_facts(std::string_view from, std::span<const std::string_view> names);
  // Changes whenever another connection has committed.
  Result<std::int64_t> data_version();
  // False if SQLite finds a page that is damaged. Reads the whole file, which is small.
  Result<bool> is_whole();

  Status forget_fact(std::string_view name);
  // The rest of the names that begin with `prefix`, sorted.
  Result<std::vector<std::string>> fact_names(std::string_view prefix);

  // The random key of the file `name`; creates it on first use.
  Result<SymmetricKey> file_key(std::string_view name);
  Result<bool> has_file_key(std::string_view name);
  Result<std::vector<std::string>> file_key_names(std::string_view prefix);
  // The next file_key(name) creates a new key.
  Status forget_file_key(std::string_view name);
  // Overwrites the key in keys.db and records the erasure with its certificate, in one transaction.
  // After finish_erasures() nobody can open the dataset's file or any copy of it.
  Status destroy_dataset_key(std::string_view dataset, const Erasure& erasure,
                             const WaitingCertificate& certificate);
  // Of a dataset that is not held; of one id once.
  Status save_certificate(const WaitingCertificate& certificate);
  Result<std::vector<WaitingCertificate>> waiting_certificates();
  Status forget_certificate(std::string_view record);  // it is in the outbox
  // Empties the write-ahead log if a key was destroyed since it was last emptied. kBusy while a
  // reader needs the log: the next call tries again, also after a power cut.
  Status finish_erasures();
  // Whether destroyed keys may still lie in the write-ahead log.
  Result<bool> has_unfinished_erasures();
  Result<std::vector<Erasure>> erasures();

  Result<AwakeMark> awake_mark();
  Status save_awake_mark(const AwakeMark& mark);

 private:
  explicit KeyStore(Database database) : database_(std::move(database)) {}
  Database database_;
};

// The name of a dataset's key, for file_key().
std::string dataset_key_name(std::string_view dataset);

}  // namespace rootlet::agent
