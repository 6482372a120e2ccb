// Rows of outbox.db as values. Private to the Outbox.
#pragma once

#include "sync/uplink/outbox/outbox.hpp"

namespace rootlet::outbox {

inline constexpr int kChainOpen = 1;
inline constexpr int kChainQuarantined = 2;
inline constexpr int kChainReplaced = 3;  // the link refused the size of a batch

inline constexpr int kBatchPending = 1;
inline constexpr int kBatchReceived = 2;
inline constexpr int kBatchQuarantined = 3;

// The columns that `read_row` expects, in its order.
inline constexpr std::string_view kRecordColumns =
    "id, kind, form, form_version, at, attempt, state, content, kept, saved_at, objections, erased,"
    " line, sequence, judgement, held_bytes ";

struct RecordRow {
  Record record;
  RecordState state = RecordState::kDraft;
  UnixTime saved_at{};
  std::vector<Objection> objections;
  bool erased = false;
  std::string chain;
  std::uint64_t sequence = 0;
  std::int64_t judgement = 0;  // row of judgements, 0 if none
  std::uint64_t held_bytes = 0;
};

// Sheets of syncs, and the streams that no batch has reported yet (outbox_sheets.cpp).
inline constexpr std::string_view kSheetTables = R"sql(
CREATE TABLE sheets(number INTEGER PRIMARY KEY, sheet TEXT NOT NULL);
CREATE TABLE unreported(stream TEXT PRIMARY KEY, version INTEGER NOT NULL, rows INTEGER NOT NULL,
  digest TEXT NOT NULL) WITHOUT ROWID;
)sql";
// The first kHeldVersions of them; the same ones in one transaction.
Result<std::vector<HeldVersion>> load_unreported(Database& database);
Status forget_unreported(Database& database);

Result<RecordRow> read_row(const Statement& statement);  // kStorageDamaged
Result<std::optional<RecordRow>> find_row(Database& database, const std::string& id);
RecordSummary summary_of(const RecordRow& row);

// The size of a batch that the link refused, while it is believed; larger ones are not sent.
Result<std::optional<std::uint64_t>> link_limit(Database& database, UnixTime now);
// Ends the chain with `state`, for `reason`. Its records that were not received travel again on the
// next chain, and from `lost_from` on also those that were received but not judged.
Status end_chain(Database& database, const std::string& chain, int state, std::string_view reason,
                 std::uint64_t lost_from);

std::string encode_objections(const std::vector<Objection>& objections);

inline std::int64_t seconds_of(UnixTime time) {
  return time.time_since_epoch().count();
}
inline UnixTime time_of(std::int64_t seconds) {
  return UnixTime(std::chrono::seconds(seconds));
}

}  // namespace rootlet::outbox
