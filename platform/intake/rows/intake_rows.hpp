// Rows of inbox.db and records.db as values. Only the parts of Intake use them.
#pragma once

#include "platform/intake/rows/intake_types.hpp"

namespace rootlet::platform::intake {

inline constexpr int kBatchWaiting = 1;
inline constexpr int kBatchJudged = 2;
inline constexpr int kBatchQuarantined = 3;

struct StoredRecord {
  std::int64_t number = 0;
  IntakeRecord intake;
  Hash256 digest{};  // digest_of() the record
  Hash256 batch{};
};

// All records of this id: one for each office that has it.
Result<std::vector<StoredRecord>> find_records(Store& records, const std::string& id);
// The whole id of the records whose id is `given` or begins so. kBadInput if there is none, or if
// several ids do: names the first few, with form, office and state.
Result<std::string> find_record_id(Store& records, std::string given);
// The columns of a record without its number, and a record as a row of them.
inline constexpr std::string_view kNewRecordColumns =
    "office, id, attempt, kind, form, form_version, at, content, kept, digest, state, objections,"
    " line, sequence, batch, received_at, judged_at";
void add_record(NewRows& rows, const StoredRecord& stored);
// Replaces the row of the same office and id.
Status replace_record(Store& records, const StoredRecord& stored);

inline constexpr std::string_view kStoredColumns =
    "number, office, id, attempt, kind, form, form_version, at, content, kept, digest, state,"
    " objections, line, sequence, batch, received_at, judged_at ";
Result<StoredRecord> read_stored(const Statement& statement);  // kStorageDamaged

// Equal if and only if two records have equal content, apart from attempt and time.
Hash256 digest_of(const Record& record);

// Of any published version, or one that is built in; nullopt if there is none.
Result<std::optional<FormDefinition>> form_of(FormDirectory& forms, const Record& record);

// Where a record arrived.
struct BatchName {
  std::string office, chain;
  std::uint64_t sequence = 0;
  Hash256 hash{};
};
// A judgement about records of this batch, without any yet.
Judgement judgement_of(const IntakeKeys& keys, const BatchName& batch, UnixTime now);

inline std::int64_t seconds_of(UnixTime time) {
  return time.time_since_epoch().count();
}
inline UnixTime time_of(std::int64_t seconds) {
  return UnixTime(std::chrono::seconds(seconds));
}

}  // namespace rootlet::platform::intake
