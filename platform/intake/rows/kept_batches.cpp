#include "platform/intake/rows/kept_batches.hpp"

#include "platform/intake/rows/intake_rows.hpp"
#include "storage/row_values.hpp"

namespace rootlet::platform::intake {

Status keep_batch(Store& inbox, const std::string& office, const std::string& chain,
                  std::uint64_t sequence, ByteView envelope, UnixTime now) {
  ROOTLET_TRY(Statement keep,
              inbox.prepare("INSERT INTO kept_batches(office, hash, line, sequence, envelope,"
                            " received_at) VALUES(?,?,?,?,?,?) ON CONFLICT DO NOTHING"));
  const Hash256 hash = envelope_hash(envelope);
  return keep.bind_all(office, ByteView(hash), chain, sequence, envelope, seconds_of(now)).run();
}

Result<std::vector<KeptBatches>> load_kept_batches(Store& inbox) {
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

Result<std::optional<KeptBatch>> next_unexamined(Store& inbox) {
  ROOTLET_TRY(Statement query,
              inbox.prepare("SELECT number, office, line, sequence, envelope, received_at FROM "
                            "kept_batches WHERE examined=0 ORDER BY number LIMIT 1"));
  return read_one(query, [](const Statement& row) {
    return KeptBatch{.number = row.integer(0),
                     .office = text_at(row, 1),
                     .chain = text_at(row, 2),
                     .sequence = count_at(row, 3),
                     .envelope = to_bytes(row.blob(4)),
                     .received_at = time_at(row, 5)};
  });
}

Status mark_examined(Store& inbox, std::int64_t number) {
  ROOTLET_TRY(Statement mark, inbox.prepare("UPDATE kept_batches SET examined=1 WHERE number=?"));
  return mark.bind_all(number).run();
}

}  // namespace rootlet::platform::intake
