// Entries of the ledger that are known to be lost, with the hash that the chain goes on from.
// keys.db keeps them, so a lost ledger.db leaves a gap that never disappears.
#pragma once

#include <vector>

#include "agent/office/key_store.hpp"
#include "core/format/json_fwd.hpp"

namespace rootlet::agent {

struct LedgerGap {
  std::int64_t first = 0, last = 0;  // sequences, both lost
  Hash256 hash{};                    // of entry `last`
  UnixTime noted{};
  UnixTime accepted{};  // the Unix epoch until an operator accepts the loss
  std::string accepted_by = {};
  bool is_accepted() const { return accepted != UnixTime{}; }
};

// In the order of their sequences.
Result<std::vector<LedgerGap>> load_ledger_gaps(KeyStore& keys);
Status save_ledger_gaps(KeyStore& keys, const std::vector<LedgerGap>& gaps);

json::object to_json(const LedgerGap& gap);

}  // namespace rootlet::agent
