// The tables of inbox.db and records.db, and the views for people. intake_gate.cpp has the
// gateway's part, intake_validate.cpp the validation.
#include "platform/intake/intake.hpp"

#include <array>

#include "platform/intake/rows/foreign_directories.hpp"
#include "platform/intake/rows/fork_rows.hpp"
#include "platform/intake/rows/intake_rows.hpp"
#include "platform/intake/rows/kept_batches.hpp"
#include "platform/intake/rows/records_group.hpp"

namespace rootlet::platform {
namespace {

using namespace intake;

// Only append: a released migration never changes.
constexpr std::array<std::string_view, 8> kInboxMigrations = {R"sql(
CREATE TABLE lines(
  office TEXT NOT NULL, line TEXT NOT NULL, next INTEGER NOT NULL, previous BLOB NOT NULL,
  PRIMARY KEY(office, line)) WITHOUT ROWID;
CREATE TABLE batches(
  number INTEGER PRIMARY KEY, office TEXT NOT NULL, line TEXT NOT NULL, sequence INTEGER NOT NULL,
  hash BLOB NOT NULL, sender BLOB NOT NULL, envelope BLOB, receipt TEXT NOT NULL,
  received_at INTEGER NOT NULL, state INTEGER NOT NULL, reason TEXT NOT NULL DEFAULT '',
  UNIQUE(office, line, sequence));
CREATE INDEX batches_by_state ON batches(state, number);
)sql",
                                                              R"sql(
CREATE TABLE usage(
  office TEXT NOT NULL, minute INTEGER NOT NULL, bytes INTEGER NOT NULL,
  PRIMARY KEY(office, minute)) WITHOUT ROWID;
)sql",
                                                              R"sql(
CREATE TABLE forks(
  office TEXT NOT NULL, line TEXT NOT NULL, sequence INTEGER NOT NULL, held BLOB NOT NULL,
  other BLOB NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, times INTEGER NOT NULL,
  PRIMARY KEY(office, line)) WITHOUT ROWID;
)sql", kKeptBatchesTable,    kKeptBatchesExamined,
                                                              R"sql(
CREATE TABLE mail(
  number INTEGER PRIMARY KEY, address TEXT NOT NULL, sequence INTEGER NOT NULL,
  envelope BLOB NOT NULL, UNIQUE(address, sequence));
CREATE TABLE record_counts(state INTEGER PRIMARY KEY, records INTEGER NOT NULL) WITHOUT ROWID;
)sql", kKeptBatchesNumbered,
                                                              R"sql(
CREATE INDEX batches_waiting ON batches(office, number) WHERE state=1;
CREATE INDEX batches_to_forget ON batches(received_at) WHERE state=2 AND envelope IS NOT NULL;
)sql"};

constexpr std::array<std::string_view, 4> kRecordsMigrations = {R"sql(
CREATE TABLE records(
  number INTEGER PRIMARY KEY, office TEXT NOT NULL, id TEXT NOT NULL, attempt INTEGER NOT NULL,
  kind TEXT NOT NULL, form TEXT NOT NULL, form_version INTEGER NOT NULL, at INTEGER NOT NULL,
  content TEXT NOT NULL, kept TEXT NOT NULL, digest BLOB NOT NULL, state INTEGER NOT NULL,
  objections TEXT NOT NULL, line TEXT NOT NULL, sequence INTEGER NOT NULL, batch BLOB NOT NULL,
  received_at INTEGER NOT NULL, judged_at INTEGER NOT NULL, UNIQUE(office, id));
CREATE INDEX records_by_form ON records(form, state);
CREATE INDEX records_by_id ON records(id);
CREATE TABLE judged_batches(
  office TEXT NOT NULL, line TEXT NOT NULL, sequence INTEGER NOT NULL, quarantined INTEGER NOT NULL,
  PRIMARY KEY(office, line, sequence)) WITHOUT ROWID;
CREATE TABLE judgements(
  number INTEGER PRIMARY KEY, office TEXT NOT NULL, line TEXT NOT NULL, sequence INTEGER NOT NULL,
  at INTEGER NOT NULL, statement TEXT NOT NULL);
CREATE TABLE mail(
  number INTEGER PRIMARY KEY, address TEXT NOT NULL, sequence INTEGER NOT NULL,
  office TEXT NOT NULL, envelope BLOB NOT NULL, at INTEGER NOT NULL, UNIQUE(address, sequence));
)sql",
                                                                kForeignDirectoriesTable,
                                                                // Mail that the inbox may lack.
                                                                R"sql(
ALTER TABLE mail ADD COLUMN delivered INTEGER NOT NULL DEFAULT 0;
CREATE INDEX mail_to_deliver ON mail(office, at) WHERE delivered=0;
)sql",
                                                                kHeldStreamsTable};

constexpr std::array<std::string_view, 3> kStateNames = {"waiting", "accepted", "returned"};

}  // namespace

Result<Intake> Intake::open(const IntakePlaces& places, IntakeKeys keys,
                            const IntakeLimits& limits) {
  ROOTLET_TRY(Store inbox, Store::open(places.inbox, kInboxMigrations));
  std::optional<Store> records;
  if (places.records.has_value()) {
    ROOTLET_TRY(records, Store::open(*places.records, kRecordsMigrations));
  }
  return Intake(std::move(inbox), std::move(records), std::move(keys), limits);
}

// In the order of its numbers, no matter who posted it: an office reads its mailbox in order.
Status Intake::deliver_mail(const std::string& office) {
  ROOTLET_TRY(const std::vector<MailRow> mail, load_undelivered(*records_, office));
  ROOTLET_TRY(Transaction transaction, Transaction::begin_beside(inbox_));
  ROOTLET_TRY(copy_to_inbox(inbox_, mail));
  ROOTLET_TRY(transaction.commit());
  ROOTLET_TRY(Transaction marking, Transaction::begin_beside(*records_));
  ROOTLET_TRY(mark_delivered(*records_, mail));
  return marking.commit();
}

Status Intake::tell_counts() {
  ROOTLET_TRY(Transaction transaction, Transaction::begin_beside(inbox_, {"counts"}));
  for (std::int64_t state = 0; state < static_cast<std::int64_t>(kStateNames.size()); ++state) {
    ROOTLET_TRY(
        const std::int64_t records,
        records_->integer("SELECT count(*) FROM records WHERE state=" + std::to_string(state)));
    ROOTLET_TRY(Statement save, inbox_.prepare(upsert("record_counts", "state", "records")));
    ROOTLET_TRY(save.bind_all(state, records).run());
  }
  return transaction.commit();
}

Result<IntakePage> Intake::list(const IntakeFilter& filter) {
  ROOTLET_TRY(Statement statement,
              records_->prepare("SELECT " + std::string(kStoredColumns) +
                                "FROM records WHERE number>?1 AND (?2='' OR office=?2) AND"
                                " (?3='' OR form=?3) AND (?4<0 OR state=?4)"
                                " ORDER BY number LIMIT ?5"));
  const std::int64_t state = filter.state ? static_cast<std::int64_t>(*filter.state) : -1;
  statement.bind_all(filter.after, filter.office, filter.form, state, filter.limit);
  IntakePage page{.records = {}, .last = filter.after};
  while (true) {
    ROOTLET_TRY(const bool row, statement.step());
    if (!row) return page;
    ROOTLET_TRY(StoredRecord stored, read_stored(statement));
    page.last = stored.number;
    page.records.push_back(std::move(stored.intake));
  }
}

Result<IntakeRecord> Intake::show(const std::string& given) {
  ROOTLET_TRY(const std::string id, intake::find_record_id(*records_, given));
  ROOTLET_TRY(Statement statement, records_->prepare("SELECT " + std::string(kStoredColumns) +
                                                     "FROM records WHERE id=? LIMIT 1"));
  statement.bind_all(id);
  ROOTLET_TRY(const bool found, statement.step());
  if (!found) return bad_input("there is no record " + id.substr(0, 64), "id");
  ROOTLET_TRY(StoredRecord stored, read_stored(statement));
  return std::move(stored.intake);
}

Result<std::vector<ForkEntry>> Intake::forks() {
  return load_forks(inbox_);
}

Result<std::vector<HeldReport>> Intake::held_by(std::string_view office) {
  return load_held(*records_, office);
}

Result<std::vector<std::string>> Intake::offices_with_held() {
  return intake::offices_with_held(*records_);
}

Result<std::vector<ForeignDirectory>> Intake::foreign_directories() {
  return load_foreign_directories(*records_);
}

Result<std::vector<KeptBatches>> Intake::kept_batches() {
  return load_kept_batches(inbox_);
}

Result<IntakeCounts> Intake::counts() {
  IntakeCounts counts;
  ROOTLET_TRY(counts.batches_waiting, inbox_.integer("SELECT count(*) FROM batches WHERE state=1"));
  ROOTLET_TRY(counts.quarantined, inbox_.integer("SELECT count(*) FROM batches WHERE state=3"));
  const auto of_state = [this](IntakeState state) -> Result<std::int64_t> {
    const std::string number = std::to_string(static_cast<int>(state));
    if (records_) {
      return records_->integer("SELECT count(*) FROM records WHERE state=" + number);
    }
    return inbox_.integer("SELECT records FROM record_counts WHERE state=" + number);
  };
  ROOTLET_TRY(counts.waiting, of_state(IntakeState::kWaiting));
  ROOTLET_TRY(counts.accepted, of_state(IntakeState::kAccepted));
  ROOTLET_TRY(counts.returned, of_state(IntakeState::kReturned));
  return counts;
}

}  // namespace rootlet::platform
