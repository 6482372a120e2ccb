// ledger.db: every use of data as an entry in a hash chain: when, who, command, dataset, purpose,
// number of rows, outcome. Never a value: a looked-up key appears only as a hash under a key that
// stays on this machine. An entry is on disk before its rows are sent. verify() detects entries
// that were changed, removed or cut off. After a loss of the file it numbers on from the head in
// keys.db, and the gap stays. One Ledger per thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "agent/ledger/ledger_gaps.hpp"
#include "agent/ledger/use.hpp"
#include "core/crypto.hpp"
#include "core/format/json_fwd.hpp"

namespace rootlet::agent {

struct LedgerEntry {
  std::int64_t sequence = 0;  // from 1 without gaps
  Use use;                    // empty if the entry is damaged
  Hash256 hash{};
  bool is_damaged = false;  // it cannot be read; the others can
};

struct LedgerCheck {
  std::int64_t entries = 0;  // that are there
  std::int64_t last = 0;     // the sequence of the newest
  Hash256 head{};
  std::vector<LedgerGap> gaps = {};  // all accepted
};

class Ledger {
 public:
  // `keys` holds the file's key and the head of the chain; it must outlive the ledger.
  // kStorageDamaged, with what helps as the hint, if the file does not open.
  static Result<Ledger> open(const Home& home, KeyStore& keys);

  // On disk when it returns. The sequence of the entry.
  Result<std::int64_t> append(const Use& use);
  // Calls `take` with the readable entries after `since`, newest first, of the newest `limit`.
  Status read_since(UnixTime since, std::size_t limit, const std::function<void(const Use&)>& take);
  // The same with sequences, and no further back than the entry after `sequence`.
  Status read_after(std::int64_t sequence, UnixTime since, std::size_t limit,
                    const std::function<void(std::int64_t, const Use&)>& take);
  // The newest `limit` entries, newest first; 0 is all. A damaged one hides no other.
  Result<std::vector<LedgerEntry>> list(std::size_t limit);
  // kStorageDamaged, with the sequence of the first entry that is missing, wrong or unreadable. A
  // gap that an operator accepted is reported and is no error.
  Result<LedgerCheck> verify();
  // kStorageDamaged if SQLite finds a damaged page. Reads the whole file.
  Status check_pages();
  // Records that entries are missing, if the head in keys.db is newer than the last entry.
  Status note_gap(UnixTime now);

  // A keyed hash of `key`, 32 hex digits, which an entry contains instead of the key.
  Result<std::string> subject_of(std::string_view dataset, std::string_view key);
  // The key of these hashes, for a caller that computes many.
  Result<SymmetricKey> subjects_key();

 private:
  Ledger(Database database, KeyStore& keys) : database_(std::move(database)), keys_(&keys) {}
  Database database_;
  KeyStore* keys_;
};

// A damaged entry has only "sequence", "hash" and "damaged": true.
json::object to_json(const LedgerEntry& entry);

std::string subject_under(const SymmetricKey& key, std::string_view dataset, std::string_view text);

}  // namespace rootlet::agent
