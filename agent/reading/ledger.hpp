// ledger.db: every use of data, in a chain of hashes: when, who, which command, which dataset, for
// what purpose, how many rows, how it ended. Never a value: what was looked up stands there only as
// a hash under a key that stays on this machine. An entry is on disk before the rows leave.
// Changing, removing or cutting off entries shows in verify(). One Ledger per thread.
#pragma once

#include <functional>

#include "agent/office/key_store.hpp"
#include "core/crypto.hpp"
#include "core/format/json.hpp"

namespace rootlet::agent {

struct Use {
  UnixTime at{};
  std::int64_t uid = 0;
  std::string user;
  std::string command;
  std::string dataset;
  std::string purpose;
  std::int64_t count = 0;
  std::string outcome;  // "started", "done", or an error's name
  std::string subject;  // hex of the keyed hash of what was looked up, or empty
};

struct LedgerEntry {
  std::int64_t sequence = 0;  // from 1 without gaps
  Use use;
  Hash256 hash{};
};

struct LedgerCheck {
  std::int64_t entries = 0;
  Hash256 head{};
};

class Ledger {
 public:
  // Uses `keys` for the file's key and for the head that proves nothing was cut off; `keys` must
  // outlive it.
  static Result<Ledger> open(const Home& home, KeyStore& keys);

  // On disk when it returns.
  Status append(const Use& use);
  // The newest `limit` entries, newest first; 0 is all.
  Result<std::vector<LedgerEntry>> list(std::size_t limit);
  // kStorageDamaged, naming the first entry that does not fit.
  Result<LedgerCheck> verify();

  // What stands in an entry for a looked-up key.
  Result<std::string> subject_of(std::string_view dataset, std::string_view key);

 private:
  Ledger(Database database, KeyStore& keys) : database_(std::move(database)), keys_(&keys) {}
  Database database_;
  KeyStore* keys_;
};

json::object to_json(const LedgerEntry& entry);

}  // namespace rootlet::agent
