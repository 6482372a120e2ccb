// Validation: opens waiting batches, validates their records by the form, stores them and answers
// by mail. Formats: docs/FORMATS.md, "Batch" and "Judgement".
//
// It writes two files, so the order matters: one transaction of records.db saves records,
// judgement, mail and the row of judged_batches; only then it updates inbox.db. After a kill in
// between, the next run finds that row and only updates inbox.db. Mail is copied there last.
//
// Of the batches of revoked offices it takes certificates, and nothing else: an office erases what
// it holds because it was revoked, and says so afterwards.
#include <algorithm>

#include "core/limits.hpp"
#include "platform/intake/foreign_directories.hpp"
#include "platform/intake/intake_rows.hpp"
#include "storage/row_values.hpp"

namespace rootlet::platform {
namespace {

using namespace intake;

struct WaitingBatch {
  std::int64_t number = 0;
  std::string office, chain;
  std::uint64_t sequence = 0;
  Hash256 hash{};
  PublicKey sender{};
  Bytes envelope;
  UnixTime received_at{};
};

Result<std::optional<WaitingBatch>> next_waiting(Store& inbox) {
  ROOTLET_TRY(Statement statement,
              inbox.prepare("SELECT number, office, line, sequence, hash, sender, envelope,"
                            " received_at FROM batches WHERE state=1 ORDER BY number LIMIT 1"));
  ROOTLET_TRY(const bool found, statement.step());
  if (!found) return std::optional<WaitingBatch>();
  WaitingBatch batch;
  batch.number = statement.integer(0);
  batch.office = statement.text(1);
  batch.chain = statement.text(2);
  batch.sequence = static_cast<std::uint64_t>(statement.integer(3));
  ROOTLET_TRY(batch.hash, read_hash(statement, 4, "inbox.db"));
  ROOTLET_TRY(batch.sender, read_hash(statement, 5, "inbox.db"));
  batch.envelope = to_bytes(statement.blob(6));
  batch.received_at = time_of(statement.integer(7));
  return std::optional<WaitingBatch>(std::move(batch));
}

// After kUntrusted or kBadInput the batch is quarantined.
Result<ParsedBatch> open_batch(const WaitingBatch& batch, std::span<const SealingKey> ingest_keys) {
  Result<OpenedEnvelope> opened = fail(ErrorCode::kUntrusted, "batch: no key opens it");
  for (const SealingKey& key : ingest_keys) {
    opened = open_envelope(batch.envelope, batch.sender, key);
    if (opened.has_value()) break;
  }
  if (opened.has_error()) return opened.error();
  ROOTLET_TRY(ParsedBatch parsed, parse_batch(opened.value().payload));
  if (parsed.office != batch.office || parsed.chain != batch.chain ||
      parsed.sequence != batch.sequence) {
    return bad_input("batch: office, chain or sequence differ from the envelope's", "batch");
  }
  return parsed;
}

Result<bool> mark_judged(Store& records, const WaitingBatch& batch, bool quarantined) {
  ROOTLET_TRY(Statement statement,
              records.prepare("INSERT INTO judged_batches VALUES(?,?,?,?) ON CONFLICT DO NOTHING "
                              "RETURNING 1"));
  return statement.bind_all(batch.office, batch.chain, batch.sequence, quarantined).any();
}

Status tell_inbox(Store& inbox, Store& records, const WaitingBatch& batch,
                  std::string_view reason) {
  ROOTLET_TRY(Statement held,
              records.prepare("SELECT quarantined FROM judged_batches WHERE office=? AND line=? AND"
                              " sequence=?"));
  held.bind_all(batch.office, batch.chain, batch.sequence);
  ROOTLET_TRY(const bool found, held.step());
  const bool quarantined = found && held.integer(0) != 0;
  ROOTLET_TRY(Statement update,
              inbox.prepare("UPDATE batches SET state=?, reason=? WHERE number=?"));
  update.bind_all(quarantined ? kBatchQuarantined : kBatchJudged, reason, batch.number);
  return update.run();
}

Objection objection_about(std::string_view reason, Text words) {
  return {.field = "", .reason = std::string(reason), .words = std::move(words)};
}

RecordJudgement returned(const BatchItem& item, std::vector<Objection> objections) {
  objections.resize(std::min(objections.size(), kMostObjections));
  return {.id = item.id,
          .attempt = item.attempt,
          .verdict = Verdict::kReturned,
          .objections = std::move(objections)};
}

RecordJudgement conflicting(const BatchItem& item) {
  return returned(
      item, {objection_about("conflict",
                             {.en = "The platform already has another version of this record (from "
                                    "a copy of this machine). File a new record or a correction.",
                              .zh = "此记录的另一版本已被接收（来自本机的副本）。请另行填报或提交更"
                                    "正。"})});
}

// The gateway names the sender; it is believed only if the publishing home knows that key as one
// that the office has or had.
Status check_sender(OfficeDirectory& offices, const WaitingBatch& batch,
                    const std::optional<OfficeKeys>& office) {
  if (office && office->signing_key == batch.sender) return ok();
  ROOTLET_TRY(const std::vector<PublicKey> former, offices.former_keys(batch.office));
  if (std::ranges::find(former, batch.sender) != former.end()) return ok();
  return fail(ErrorCode::kUntrusted,
              "batch: office " + batch.office + " never had the key that signed it");
}

struct Finding {
  IntakeState state = IntakeState::kAccepted;
  std::vector<Objection> objections;
};

Result<Finding> examine(FormDirectory& forms, const Record& record) {
  ROOTLET_TRY(const std::optional<FormDefinition> form, form_of(forms, record));
  if (!form) {
    return Finding{
        IntakeState::kReturned,
        {objection_about("unknown_form",
                         {.en = "The platform has no form " + record.form + " in this version.",
                          .zh = "平台没有此版本的表单" + record.form + "。"})}};
  }
  Finding finding;
  for (Violation& each : validate_values(*form, record.values, record.kept)) {
    finding.objections.push_back({each.field, each.reason, std::move(each.words)});
  }
  if (!finding.objections.empty()) {
    finding.objections.resize(std::min(finding.objections.size(), kMostObjections));
    finding.state = IntakeState::kReturned;
  } else if (form->review == Review::kManual) {
    finding.state = IntakeState::kWaiting;
  }
  return finding;
}

// Repeats the judgement of the held record for this attempt; nullopt while the record waits.
std::optional<RecordJudgement> same_again(const BatchItem& item, const StoredRecord& held) {
  if (held.intake.state == IntakeState::kWaiting) return {};
  if (held.intake.state == IntakeState::kReturned) return returned(item, held.intake.objections);
  return RecordJudgement{.id = item.id, .attempt = item.attempt};
}

// Validates the records of one batch inside one transaction of records.db.
class BatchValidator {
 public:
  BatchValidator(Store& records, FormDirectory& forms, const WaitingBatch& batch, UnixTime now)
      : records_(records), forms_(forms), batch_(batch), now_(now) {}

  // nullopt if a person has to decide.
  Result<std::optional<RecordJudgement>> validate(const BatchItem& item) {
    if (!item.record) {
      report.returned += 1;
      return std::optional(returned(
          item, {objection_about("unreadable", {.en = "The record could not be read: " + item.flaw,
                                                .zh = "无法读取此记录：" + item.flaw})}));
    }
    ROOTLET_TRY(const std::optional<StoredRecord> held,
                find_record(records_, batch_.office, item.id));
    if (!held) return take_in(item);
    const bool same = held->digest == digest_of(*item.record);
    const int held_attempt = held->intake.record.attempt;
    const bool settled = held->intake.state == IntakeState::kAccepted;
    if (item.attempt > held_attempt && !settled) return take_in(item);
    report.duplicates += 1;
    if (same && item.attempt >= held_attempt) return same_again(item, *held);
    return std::optional(conflicting(item));
  }

  ValidationReport report;

 private:
  Result<std::optional<RecordJudgement>> take_in(const BatchItem& item) {
    ROOTLET_TRY(Finding finding, examine(forms_, *item.record));
    StoredRecord stored;
    stored.intake = {.office = batch_.office,
                     .record = *item.record,
                     .state = finding.state,
                     .objections = finding.objections,
                     .received_at = batch_.received_at,
                     .judged_at = now_,
                     .chain = batch_.chain,
                     .sequence = batch_.sequence};
    stored.digest = digest_of(*item.record);
    stored.batch = batch_.hash;
    ROOTLET_TRY(write_record(records_, stored));
    switch (finding.state) {
      case IntakeState::kWaiting:
        report.waiting += 1;
        break;
      case IntakeState::kAccepted:
        report.accepted += 1;
        break;
      case IntakeState::kReturned:
        report.returned += 1;
        break;
    }
    return same_again(item, stored);
  }

  Store& records_;
  FormDirectory& forms_;
  const WaitingBatch& batch_;
  UnixTime now_;
};

void add(ValidationReport& total, const ValidationReport& part) {
  total.accepted += part.accepted;
  total.returned += part.returned;
  total.waiting += part.waiting;
  total.duplicates += part.duplicates;
}

Status validate_readable(Store& records, const IntakeKeys& keys, const WaitingBatch& batch,
                         const ParsedBatch& parsed, const std::optional<OfficeKeys>& office,
                         FormDirectory& forms, UnixTime now, ValidationReport& report) {
  ROOTLET_TRY(Transaction transaction, Transaction::begin(records));
  ROOTLET_TRY(const bool first, mark_judged(records, batch, false));
  if (!first) return ok();
  BatchValidator validate(records, forms, batch, now);
  Judgement judgement =
      judgement_of(keys, {batch.office, batch.chain, batch.sequence, batch.hash}, now);
  for (const BatchItem& item : parsed.items) {
    ROOTLET_TRY(std::optional<RecordJudgement> decided, validate.validate(item));
    if (decided) judgement.records.push_back(std::move(*decided));
  }
  if (!judgement.records.empty()) {
    ROOTLET_TRY(post_judgement(records, keys, std::move(judgement), office, now));
  }
  ROOTLET_TRY(transaction.commit());
  add(report, validate.report);
  return ok();
}

Status validate_unreadable(Store& records, const IntakeKeys& keys, const WaitingBatch& batch,
                           const std::string& reason, const std::optional<OfficeKeys>& office,
                           UnixTime now, ValidationReport& report) {
  ROOTLET_TRY(Transaction transaction, Transaction::begin(records));
  ROOTLET_TRY(const bool first, mark_judged(records, batch, true));
  if (!first) return ok();
  Judgement judgement =
      judgement_of(keys, {batch.office, batch.chain, batch.sequence, batch.hash}, now);
  judgement.type = JudgementType::kQuarantined;
  judgement.reason = reason;
  ROOTLET_TRY(post_judgement(records, keys, std::move(judgement), office, now));
  ROOTLET_TRY(transaction.commit());
  report.quarantined += 1;
  return ok();
}

// What the machine of a revoked office certifies. Without an answer: nothing waits for one.
Status take_certificates(Store& records, const KeptBatch& kept, const OfficeKeys& office,
                         std::span<const SealingKey> ingest_keys, FormDirectory& forms,
                         UnixTime now) {
  const WaitingBatch batch{.office = kept.office,
                           .chain = kept.chain,
                           .sequence = kept.sequence,
                           .hash = envelope_hash(kept.envelope),
                           .sender = office.signing_key,
                           .envelope = kept.envelope,
                           .received_at = kept.received_at};
  const Result<ParsedBatch> parsed = open_batch(batch, ingest_keys);
  if (parsed.has_error()) return ok();  // it stays kept, for a person
  ROOTLET_TRY(Transaction transaction, Transaction::begin(records));
  BatchValidator validate(records, forms, batch, now);
  for (const BatchItem& item : parsed.value().items) {
    if (!item.record || item.record->kind != "disposal") continue;
    ROOTLET_TRY(validate.validate(item));
  }
  return transaction.commit();
}

Status examine_kept_batches(Store& inbox, Store& records, std::span<const SealingKey> ingest_keys,
                            OfficeDirectory& offices, FormDirectory& forms, UnixTime now) {
  while (true) {
    ROOTLET_TRY(const std::optional<KeptBatch> kept, next_unexamined(inbox));
    if (!kept) return ok();
    ROOTLET_TRY(const std::optional<OfficeKeys> office, offices.find_office(kept->office));
    if (office) {
      ROOTLET_TRY(take_certificates(records, *kept, *office, ingest_keys, forms, now));
    }
    ROOTLET_TRY(mark_examined(inbox, kept->number));
  }
}

// Deletes the sealed bytes of judged batches after 30 days; those of quarantined batches stay for
// the operator.
Status forget_sealed(Store& inbox, UnixTime now) {
  constexpr std::int64_t kKeepSeconds = 30 * 86'400;
  ROOTLET_TRY(
      Statement statement,
      inbox.prepare("UPDATE batches SET envelope=NULL WHERE state=? AND envelope IS NOT NULL"
                    " AND received_at<=?"));
  statement.bind_all(kBatchJudged, seconds_of(now) - kKeepSeconds);
  return statement.run();
}

}  // namespace

Result<bool> Intake::has_waiting() {
  ROOTLET_TRY(const std::int64_t one,
              inbox_.integer("SELECT EXISTS(SELECT 1 FROM batches WHERE state=1) OR "
                             "EXISTS(SELECT 1 FROM kept_batches WHERE examined=0)"));
  return one == 1;
}

Result<ValidationReport> Intake::validate_pending(OfficeDirectory& offices, FormDirectory& forms,
                                                  UnixTime now) {
  if (!records_ || keys_.ingest_keys.empty()) {
    return fail(ErrorCode::kInternal, "validate batches: opened without the ingest key");
  }
  ValidationReport report;
  while (true) {
    ROOTLET_TRY(const std::optional<WaitingBatch> batch, next_waiting(inbox_));
    if (!batch) break;
    ROOTLET_TRY(const std::optional<OfficeKeys> office, offices.find_office(batch->office));
    const Status is_theirs = check_sender(offices, *batch, office);
    const Result<ParsedBatch> parsed = is_theirs.has_value()
                                           ? open_batch(*batch, keys_.ingest_keys)
                                           : Result<ParsedBatch>(is_theirs.error());
    std::string reason;
    if (parsed.has_value()) {
      ROOTLET_TRY(compare_directories(*records_, forms, batch->office, parsed.value().seen,
                                      batch->received_at));
      ROOTLET_TRY(
          validate_readable(*records_, keys_, *batch, parsed.value(), office, forms, now, report));
    } else {
      reason = parsed.error().message;
      ROOTLET_TRY(validate_unreadable(*records_, keys_, *batch, reason, office, now, report));
    }
    ROOTLET_TRY(tell_inbox(inbox_, *records_, *batch, reason));
    ROOTLET_TRY(deliver_mail());
    report.batches += 1;
  }
  ROOTLET_TRY(examine_kept_batches(inbox_, *records_, keys_.ingest_keys, offices, forms, now));
  ROOTLET_TRY(deliver_mail());
  if (report.batches > 0) {
    ROOTLET_TRY(tell_counts());
  }
  ROOTLET_TRY(forget_sealed(inbox_, now));
  return report;
}

Result<std::uint64_t> Intake::send_mail(const std::string& office, std::string_view statement,
                                        OfficeDirectory& offices, UnixTime now) {
  ROOTLET_TRY(const std::optional<OfficeKeys> keys, offices.find_office(office));
  if (!keys) return bad_input("there is no enrolled office " + office.substr(0, 64), "office");
  ROOTLET_TRY(Transaction transaction, Transaction::begin(*records_));
  ROOTLET_TRY(const std::uint64_t sequence,
              post_mail(*records_, keys_, office, *keys, statement, now));
  ROOTLET_TRY(transaction.commit());
  ROOTLET_TRY(deliver_mail());
  return sequence;
}

}  // namespace rootlet::platform
