// Batches of revoked offices: refused, and kept as they came, so that nothing that was collected is
// lost before a person has looked at it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/crypto.hpp"
#include "storage/database.hpp"

namespace rootlet::platform {

struct KeptBatches {
  std::string office;
  std::int64_t batches = 0, bytes = 0;
  UnixTime last_at{};
};

namespace intake {

inline constexpr std::string_view kKeptBatchesTable = R"sql(
CREATE TABLE kept_batches(
  office TEXT NOT NULL, hash BLOB NOT NULL, line TEXT NOT NULL, sequence INTEGER NOT NULL,
  envelope BLOB NOT NULL, received_at INTEGER NOT NULL, UNIQUE(office, hash));
)sql";

inline constexpr std::string_view kKeptBatchesExamined =
    "ALTER TABLE kept_batches ADD COLUMN examined INTEGER NOT NULL DEFAULT 0";

struct KeptBatch {
  std::int64_t number = 0;
  std::string office, chain;
  std::uint64_t sequence = 0;
  Bytes envelope;
  UnixTime received_at{};
};

// The same bytes are kept once.
Status keep_batch(Database& inbox, const std::string& office, const std::string& chain,
                  std::uint64_t sequence, ByteView envelope, UnixTime now);
Result<std::vector<KeptBatches>> load_kept_batches(Database& inbox);  // by office
// The next one in which nobody has looked for certificates yet.
Result<std::optional<KeptBatch>> next_unexamined(Database& inbox);
Status mark_examined(Database& inbox, std::int64_t number);

}  // namespace intake
}  // namespace rootlet::platform
