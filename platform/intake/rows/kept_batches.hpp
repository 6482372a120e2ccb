// Batches of revoked offices: refused, and kept as they came, so that nothing that was collected is
// lost before a person has looked at it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/crypto.hpp"
#include "platform/store/store.hpp"

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

// With a number of its own, which every engine has.
inline constexpr std::string_view kKeptBatchesNumbered = R"sql(
ALTER TABLE kept_batches RENAME TO kept_batches_before;
CREATE TABLE kept_batches(
  number INTEGER PRIMARY KEY, office TEXT NOT NULL, hash BLOB NOT NULL, line TEXT NOT NULL,
  sequence INTEGER NOT NULL, envelope BLOB NOT NULL, received_at INTEGER NOT NULL,
  examined INTEGER NOT NULL DEFAULT 0, UNIQUE(office, hash));
INSERT INTO kept_batches(office, hash, line, sequence, envelope, received_at, examined)
  SELECT office, hash, line, sequence, envelope, received_at, examined FROM kept_batches_before
  ORDER BY received_at;
DROP TABLE kept_batches_before;
)sql";

struct KeptBatch {
  std::int64_t number = 0;
  std::string office, chain;
  std::uint64_t sequence = 0;
  Bytes envelope;
  UnixTime received_at{};
};

// The same bytes are kept once.
Status keep_batch(Store& inbox, const std::string& office, const std::string& chain,
                  std::uint64_t sequence, ByteView envelope, UnixTime now);
Result<std::vector<KeptBatches>> load_kept_batches(Store& inbox);  // by office
// The next one in which nobody has looked for certificates yet.
Result<std::optional<KeptBatch>> next_unexamined(Store& inbox);
Status mark_examined(Store& inbox, std::int64_t number);

}  // namespace intake
}  // namespace rootlet::platform
