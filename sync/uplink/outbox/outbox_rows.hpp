// Rows of outbox.db as values. Private to the Outbox.
#pragma once

#include "sync/uplink/outbox/outbox.hpp"

namespace rootlet::outbox {

inline constexpr int kChainOpen = 1;
inline constexpr int kChainQuarantined = 2;

inline constexpr int kBatchPending = 1;
inline constexpr int kBatchReceived = 2;
inline constexpr int kBatchQuarantined = 3;

// The columns that `read_row` expects, in its order.
inline constexpr std::string_view kRecordColumns =
    "id, kind, form, form_version, at, attempt, state, content, kept, saved_at, objections, erased,"
    " line, sequence, judgement ";

struct RecordRow {
  Record record;
  RecordState state = RecordState::kDraft;
  UnixTime saved_at{};
  std::vector<Objection> objections;
  bool erased = false;
  std::string chain;
  std::uint64_t sequence = 0;
  std::int64_t judgement = 0;  // row of judgements, 0 if none
};

Result<RecordRow> read_row(const Statement& statement);  // kStorageDamaged
Result<std::optional<RecordRow>> find_row(Database& database, const std::string& id);
RecordSummary summary_of(const RecordRow& row);

std::string encode_objections(const std::vector<Objection>& objections);

inline std::int64_t seconds_of(UnixTime time) {
  return time.time_since_epoch().count();
}
inline UnixTime time_of(std::int64_t seconds) {
  return UnixTime(std::chrono::seconds(seconds));
}

}  // namespace rootlet::outbox
