#include "platform/intake/kept_batches.hpp"

#include "platform/intake/intake_rows.hpp"
#include "storage/row_values.hpp"

namespace rootlet::platform::intake {

Status keep_batch(Database& inbox, const std::string& office, const std::string& chain,
                  std::uint64_t sequence, ByteView envelope, UnixTime now) {
  ROOTLET_TRY(Statement keep,
              inbox.prepare("INSERT OR IGNORE INTO kept_batches VALUES(?,?,?,?,?,?)"));
  const Hash256 hash = envelope_hash(envelope);
  return keep.bind_all(office, ByteView(hash), chain, sequence, envelope, seconds_of(now)).run();
}

Result<std::vector<KeptBatches>> load_kept_batches(Database& inbox) {
  ROOTLET_TRY(Statement query,
              inbox.prepare("SELECT office, count(*), sum(length(envelope)), max(received_at) FROM "
                            "kept_batches GROUP BY office ORDER BY office"));
  return read_all(query, [](const Statement& row) {
    return KeptBatches{.office = text_at(row, 0),
                       .batches = row.integer(1),
                       .bytes = row.integer(2),
                       .last_at = time_at(row, 3)};
  });
}

}  // namespace rootlet::platform::intake
