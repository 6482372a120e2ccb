// The operations of people: save, fix, delete, view. Each change of a record is one fully durable
// transaction, so it is on disk when the call returns.
#include "sync/uplink/outbox/outbox.hpp"

#include "core/limits.hpp"
#include "sync/uplink/outbox/outbox_rows.hpp"

namespace rootlet {
namespace {

using namespace outbox;

// Forward only; never change a released migration.
constexpr std::array<std::string_view, 3> kMigrations = {R"sql(
CREATE TABLE records(
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, form TEXT NOT NULL, form_version INTEGER NOT NULL,
  at INTEGER NOT NULL, attempt INTEGER NOT NULL, state INTEGER NOT NULL,
  content TEXT NOT NULL, kept TEXT NOT NULL, bytes INTEGER NOT NULL,
  retention_days INTEGER NOT NULL, saved_at INTEGER NOT NULL, alone INTEGER NOT NULL DEFAULT 0,
  line TEXT, sequence INTEGER, objections TEXT, judged_at INTEGER, judgement INTEGER,
  erased INTEGER NOT NULL DEFAULT 0);
CREATE INDEX records_by_state ON records(state);
CREATE TABLE lines(
  line TEXT PRIMARY KEY, state INTEGER NOT NULL, next INTEGER NOT NULL, previous BLOB NOT NULL,
  opened_at INTEGER NOT NULL, reason TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
CREATE TABLE batches(
  line TEXT NOT NULL, sequence INTEGER NOT NULL, hash BLOB NOT NULL, state INTEGER NOT NULL,
  sealed_at INTEGER NOT NULL, envelope BLOB, receipt TEXT, judged_at INTEGER,
  PRIMARY KEY(line, sequence));
CREATE TABLE judgements(number INTEGER PRIMARY KEY, statement TEXT NOT NULL);
CREATE TABLE mailbox(one INTEGER PRIMARY KEY CHECK(one=1), position INTEGER NOT NULL,
  previous BLOB NOT NULL);
INSERT INTO mailbox VALUES(1, 0, zeroblob(32));
CREATE TABLE other_mail(sequence INTEGER PRIMARY KEY, payload BLOB NOT NULL);
)sql",
                                                         R"sql(
ALTER TABLE records ADD COLUMN held_bytes INTEGER;
CREATE TABLE link_limit(one INTEGER PRIMARY KEY CHECK(one=1), bytes INTEGER NOT NULL,
  at INTEGER NOT NULL);
)sql",
                                                         kSheetTables};

Error no_record(const std::string& id) {
  return bad_input("there is no record " + id.substr(0, 64), "id",
                   {.en = "No record has this id.", .zh = "没有这个编号的记录。"});
}

Error wrong_state(const std::string& id, RecordState state, std::string_view wanted) {
  return bad_input(
      "record " + id + " is " + std::string(name_of(state)) + ", not " + std::string(wanted), "id",
      {.en = "The record is on its way or done; it cannot be changed now.",
       .zh = "记录已上报或已办结，现在不能修改。"});
}

bool same_content(const Record& a, const Record& b) {
  return a.kind == b.kind && a.form == b.form && a.values == b.values && a.kept == b.kept;
}

bool may_replace(RecordState state) {
  return state == RecordState::kDraft || state == RecordState::kSaved;
}

Status write_record(Database& database, const Record& record, RecordState state,
                    const FormDefinition& form, UnixTime now) {
  const std::size_t bytes = record_bytes(record);
  if (bytes > limits::kRecordBytes) {
    return bad_input("record " + record.id + " is larger than kRecordBytes", "record",
                     {.en = "The record is too large.", .zh = "记录内容过大。"});
  }
  ROOTLET_TRY(
      Statement statement,
      database.prepare("INSERT INTO records(id, kind, form, form_version, at, attempt, state,"
                       " content, kept, bytes, retention_days, saved_at)"
                       " VALUES(?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET"
                       " kind=excluded.kind, form=excluded.form,"
                       " form_version=excluded.form_version, at=excluded.at,"
                       " attempt=excluded.attempt, state=excluded.state,"
                       " content=excluded.content, kept=excluded.kept, bytes=excluded.bytes,"
                       " retention_days=excluded.retention_days, saved_at=excluded.saved_at,"
                       " line=NULL, sequence=NULL, objections=NULL, judged_at=NULL,"
                       " judgement=NULL, erased=0, held_bytes=NULL"));
  statement.bind_all(record.id, record.kind, record.form, record.form_version,
                     seconds_of(record.at), record.attempt, state, json::serialize(record.values),
                     json::serialize(record.kept), bytes, form.retention_days, seconds_of(now));
  return statement.run();
}

Status check_form(const FormDefinition& form, const Record& record) {
  const std::vector<Violation> violations = validate_values(form, record.values, record.kept);
  if (!violations.empty()) return error_of(form, violations);
  return ok();
}

// Inserts, or replaces a record that is not yet sealed; saving the same content again is allowed.
Status put_record(Database& database, const FormDefinition& form, const Record& record,
                  RecordState state, UnixTime now) {
  ROOTLET_TRY(Transaction transaction, Transaction::begin(database));
  ROOTLET_TRY(const std::optional<RecordRow> held, find_row(database, record.id));
  if (held && !may_replace(held->state)) {
    if (state == RecordState::kSaved && same_content(held->record, record)) return ok();
    return wrong_state(record.id, held->state, "a draft");
  }
  if (held && held->state == RecordState::kSaved && state == RecordState::kDraft) {
    return wrong_state(record.id, held->state, "a draft");
  }
  Record kept = record;
  if (held) kept.attempt = held->record.attempt;
  ROOTLET_TRY(write_record(database, kept, state, form, now));
  return transaction.commit();
}

Status complete(const FormDefinition& form, Record& record) {
  if (record.id.empty()) record.id = new_record_id();
  if (!is_record_id(record.id)) {
    return bad_input("a record id is 32 hexadecimal digits", "id");
  }
  record.form = form.id;
  record.form_version = form.version;
  record.values = normalise_values(form, record.values);
  return ok();
}

}  // namespace

Result<Outbox> Outbox::open(const std::filesystem::path& path, const SymmetricKey& key) {
  ROOTLET_TRY(Database database,
              Database::open(path, key, {.durability = Durability::kFull, .cache_kib = 512}));
  ROOTLET_TRY(migrate(database, kMigrations));
  return Outbox(std::move(database));
}

Status Outbox::check_pages() {
  ROOTLET_TRY(Statement check, database_.prepare("PRAGMA quick_check(1)"));
  ROOTLET_TRY(const bool row, check.step());
  if (row && check.text(0) == "ok") return ok();
  return fail(ErrorCode::kStorageDamaged, "outbox.db: a page is damaged");
}

Result<std::string> Outbox::save(const FormDefinition& form, Record record, UnixTime now) {
  ROOTLET_TRY(complete(form, record));
  ROOTLET_TRY(check_form(form, record));
  ROOTLET_TRY(put_record(database_, form, record, RecordState::kSaved, now));
  return record.id;
}

Result<std::string> Outbox::save_draft(const FormDefinition& form, Record record, UnixTime now) {
  ROOTLET_TRY(complete(form, record));
  ROOTLET_TRY(put_record(database_, form, record, RecordState::kDraft, now));
  return record.id;
}

Status Outbox::fix(const FormDefinition& form, const std::string& id, const json::object& values,
                   const json::object& kept, UnixTime now) {
  ROOTLET_TRY(Transaction transaction, Transaction::begin(database_));
  ROOTLET_TRY(std::optional<RecordRow> held, find_row(database_, id));
  if (!held) return no_record(id);
  Record record = std::move(held->record);
  if (held->state != RecordState::kReturned) return wrong_state(id, held->state, "returned");
  if (record.form != form.id) {
    return bad_input("record " + id + " is of the form " + record.form, "form");
  }
  record.values = values;
  record.kept = kept;
  record.attempt += 1;
  record.at = now;
  ROOTLET_TRY(complete(form, record));
  ROOTLET_TRY(check_form(form, record));
  ROOTLET_TRY(write_record(database_, record, RecordState::kSaved, form, now));
  return transaction.commit();
}

Status Outbox::discard(const std::string& id) {
  ROOTLET_TRY(Transaction transaction, Transaction::begin(database_));
  ROOTLET_TRY(const std::optional<RecordRow> held, find_row(database_, id));
  if (!held) return no_record(id);
  if (held->state != RecordState::kDraft && held->state != RecordState::kReturned) {
    return wrong_state(id, held->state, "a draft or returned");
  }
  ROOTLET_TRY(Statement statement, database_.prepare("DELETE FROM records WHERE id=?"));
  statement.bind_all(id);
  ROOTLET_TRY(statement.run());
  return transaction.commit();
}

Result<OutboxCounts> Outbox::counts() {
  OutboxCounts counts;
  ROOTLET_TRY(Statement statement,
              database_.prepare("SELECT state, count(*) FROM records GROUP BY state"));
  while (true) {
    ROOTLET_TRY(const bool row, statement.step());
    if (!row) break;
    const std::int64_t state = statement.integer(0);
    if (state < 0 || state >= kRecordStates) continue;
    counts.by_state[static_cast<std::size_t>(state)] = statement.integer(1);
  }
  ROOTLET_TRY(counts.quarantined_chains,
              database_.integer("SELECT count(*) FROM lines WHERE state=2"));
  ROOTLET_TRY(counts.too_large,
              database_.integer("SELECT count(*) FROM records WHERE held_bytes NOT NULL"));
  return counts;
}

Result<std::vector<RecordSummary>> Outbox::list(const OutboxFilter& filter) {
  ROOTLET_TRY(Statement statement,
              database_.prepare("SELECT " + std::string(kRecordColumns) +
                                "FROM records WHERE (?1<0 OR state=?1) AND (?2='' OR form=?2)"
                                " AND (?3='' OR rowid<(SELECT rowid FROM records WHERE id=?3))"
                                " AND (?5='' OR (id>=?5 AND id<?5||'g'))"  // 'g': after all digits
                                " ORDER BY rowid DESC LIMIT ?4"));
  const std::int64_t state = filter.state ? static_cast<std::int64_t>(*filter.state) : -1;
  statement.bind_all(state, filter.form, filter.after, filter.limit, filter.prefix);
  std::vector<RecordSummary> out;
  while (true) {
    ROOTLET_TRY(const bool found, statement.step());
    if (!found) return out;
    ROOTLET_TRY(const RecordRow row, read_row(statement));
    out.push_back(summary_of(row));
    if (filter.subject_of) out.back().subject = filter.subject_of(row.record);
  }
}

Result<RecordDetail> Outbox::show(const std::string& id) {
  ROOTLET_TRY(std::optional<RecordRow> row, find_row(database_, id));
  if (!row) return no_record(id);
  RecordDetail detail{.summary = summary_of(*row),
                      .record = std::move(row->record),
                      .chain = row->chain,
                      .sequence = row->sequence,
                      .batch = {},
                      .sealed_at = {},
                      .receipt = {},
                      .judgement = {}};
  ROOTLET_TRY(Statement batch, database_.prepare("SELECT hash, receipt, sealed_at FROM batches"
                                                 " WHERE line=? AND sequence=?"));
  batch.bind_all(detail.chain, detail.sequence);
  ROOTLET_TRY(const bool sealed, batch.step());
  if (sealed) {
    detail.batch = to_hex(batch.blob(0));
    detail.receipt = batch.text(1);
    detail.sealed_at = time_of(batch.integer(2));
  }
  ROOTLET_TRY(Statement judgement,
              database_.prepare("SELECT statement FROM judgements WHERE number=?"));
  judgement.bind_all(row->judgement);
  ROOTLET_TRY(const bool judged, judgement.step());
  if (judged) detail.judgement = judgement.text(0);
  return detail;
}

Result<std::vector<ChainSummary>> Outbox::chains() {
  ROOTLET_TRY(
      Statement statement,
      database_.prepare(
          "SELECT line, state, reason, next, (SELECT count(*) FROM batches b WHERE"
          " b.line=lines.line AND b.state=1), opened_at FROM lines ORDER BY opened_at, line"));
  std::vector<ChainSummary> out;
  while (true) {
    ROOTLET_TRY(const bool row, statement.step());
    if (!row) return out;
    out.push_back({.chain = std::string(statement.text(0)),
                   .quarantined = statement.integer(1) == kChainQuarantined,
                   .reason = std::string(statement.text(2)),
                   .next = static_cast<std::uint64_t>(statement.integer(3)),
                   .pending = statement.integer(4),
                   .opened_at = time_of(statement.integer(5))});
  }
}

namespace {

// In one transaction: values of accepted records whose retention is over, and old sealed batches.
Result<std::int64_t> erase_values(Database& database, UnixTime certain) {
  ROOTLET_TRY(Transaction transaction, Transaction::begin(database));
  ROOTLET_TRY(Statement records,
              database.prepare("UPDATE records SET content='{}', kept='{}', erased=1 WHERE"
                               " state=?1 AND erased=0 AND judged_at+retention_days*86400<=?2"));
  records.bind_all(RecordState::kAccepted, seconds_of(certain));
  ROOTLET_TRY(records.run());
  const std::int64_t erased = database.changes();
  // Keeps sealed bytes for some time after the judgement: a platform restored from an older copy
  // may request them again, and nobody here can read them.
  constexpr std::int64_t kKeepSealedSeconds = 90 * 86'400;
  ROOTLET_TRY(Statement batches,
              database.prepare("UPDATE batches SET envelope=NULL WHERE state=?1 AND envelope NOT"
                               " NULL AND judged_at IS NOT NULL AND judged_at<=?2"));
  batches.bind_all(kBatchReceived, seconds_of(certain) - kKeepSealedSeconds);
  ROOTLET_TRY(batches.run());
  ROOTLET_TRY(transaction.commit());
  return erased;
}

}  // namespace

Result<std::int64_t> Outbox::erase_expired(UnixTime certain) {
  ROOTLET_TRY(const std::int64_t erased, erase_values(database_, certain));
  if (erased > 0) {
    ROOTLET_TRY(database_.rewrite());
  }
  return erased;
}

}  // namespace rootlet
