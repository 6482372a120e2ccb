// The tables of sheets.
#include "core/limits.hpp"
#include "storage/row_values.hpp"
#include "sync/uplink/outbox/outbox_rows.hpp"

namespace rootlet {
namespace outbox {

Result<std::vector<HeldVersion>> load_unreported(Database& database) {
  ROOTLET_TRY(Statement query, database.prepare("SELECT stream, version, rows, digest FROM "
                                                "unreported ORDER BY stream LIMIT ?"));
  query.bind_all(kHeldVersions);
  std::vector<HeldVersion> held;
  while (true) {
    ROOTLET_TRY(const bool more, query.step());
    if (!more) return held;
    ROOTLET_TRY(StreamName stream, StreamName::parse(query.text(0)));
    held.push_back({.stream = std::move(stream),
                    .version = count_at(query, 1),
                    .rows = count_at(query, 2),
                    .digest = text_at(query, 3)});
  }
}

Status forget_unreported(Database& database) {
  ROOTLET_TRY(Statement forget,
              database.prepare("DELETE FROM unreported WHERE stream IN (SELECT stream FROM "
                               "unreported ORDER BY stream LIMIT ?)"));
  return forget.bind_all(kHeldVersions).run();
}

}  // namespace outbox

Status Outbox::keep_sheet(std::string_view sheet, const std::vector<HeldVersion>& changed) {
  ROOTLET_TRY(Transaction transaction, Transaction::begin(database_));
  ROOTLET_TRY(Statement save, database_.prepare("INSERT INTO sheets(sheet) VALUES(?)"));
  ROOTLET_TRY(save.bind_all(sheet).run());
  ROOTLET_TRY(Statement forget,
              database_.prepare("DELETE FROM sheets WHERE number<=(SELECT max(number) FROM "
                                "sheets)-?"));
  ROOTLET_TRY(forget.bind_all(kKeptSheets).run());
  ROOTLET_TRY(Statement report,
              database_.prepare("INSERT OR REPLACE INTO unreported VALUES(?,?,?,?)"));
  for (const HeldVersion& one : changed) {
    ROOTLET_TRY(report.bind_all(one.stream.text(), one.version, one.rows, one.digest).run());
  }
  return transaction.commit();
}

Result<std::vector<std::string>> Outbox::sheets(std::int64_t most) {
  ROOTLET_TRY(Statement query,
              database_.prepare("SELECT sheet FROM sheets ORDER BY number DESC LIMIT ?"));
  query.bind_all(most);
  return read_all(query, [](const Statement& row) { return text_at(row, 0); });
}

}  // namespace rootlet
