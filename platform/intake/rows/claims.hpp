// Batches that wait for validation. Only the parts of Intake use them.
#pragma once

#include <optional>
#include <vector>

#include "platform/intake/rows/intake_rows.hpp"

namespace rootlet::platform::intake {

struct WaitingBatch {
  std::int64_t number = 0;
  std::string office, chain;
  std::uint64_t sequence = 0;
  Hash256 hash{};
  PublicKey sender{};
  Bytes envelope;
  UnixTime received_at{};
};

// The oldest of them, so many that one transaction validates them. In PostgreSQL no other worker
// gets batches of their offices until `transaction`, of the inbox, has ended.
struct Claim {
  std::vector<WaitingBatch> batches;
  std::optional<Transaction> transaction = {};
};
Result<Claim> claim_batches(Store& inbox);

}  // namespace rootlet::platform::intake
