// Validation: opens waiting batches, validates their records by the form, stores them and answers
// by mail. Formats: docs/FORMATS.md, "Batch" and "Judgement".
//
// It writes two databases, so the order matters: one transaction of the records saves those of some
// batches, with judgements, mail and the rows of judged_batches; only then one of the inbox marks
// the batches and copies the mail. After a kill in between, the next run finds these rows and mail,
// and only updates the inbox.
//
// Of the batches of revoked offices it takes certificates, and nothing else: an office erases what
// it holds because it was revoked, and says so afterwards.
#include "core/limits.hpp"
#include "platform/intake/intake.hpp"
#include "platform/intake/rows/group_validator.hpp"

namespace rootlet::platform {
namespace {

using namespace intake;

// An office reads mail within minutes; a worker that still works is quicker.
constexpr std::chrono::seconds kMailIsLeft{60};

// What the machine of a revoked office certifies. Without an answer: nothing waits for one.
Status take_certificates(Store& records, const KeptBatch& kept, const OfficeKeys& office,
                         const IntakeKeys& keys, FormDirectory& forms, UnixTime now) {
  const WaitingBatch batch{.office = kept.office,
                           .chain = kept.chain,
                           .sequence = kept.sequence,
                           .hash = envelope_hash(kept.envelope),
                           .sender = office.signing_key,
                           .envelope = kept.envelope,
                           .received_at = kept.received_at};
  Result<ParsedBatch> parsed = open_batch(batch, keys.ingest_keys);
  if (parsed.has_error()) return ok();  // it stays kept, for a person
  ROOTLET_TRY(Transaction transaction, Transaction::begin_beside(records, {kept.office}));
  RecordsGroup group(records, keys, now);
  FormCache known_forms(forms);
  ROOTLET_TRY(group.load(kept.office, ids_of(parsed.value())));
  BatchValidator validator(group, known_forms, batch, now);
  for (BatchItem& item : parsed.value().items) {
    if (!item.record || item.record->kind != "disposal") continue;
    ROOTLET_TRY(validator.validate(item));
  }
  ROOTLET_TRY(group.land());
  return transaction.commit();
}

Status examine_kept_batches(Store& inbox, Store& records, const IntakeKeys& keys,
                            OfficeDirectory& offices, FormDirectory& forms, UnixTime now) {
  while (true) {
    ROOTLET_TRY(const std::optional<KeptBatch> kept, next_unexamined(inbox));
    if (!kept) return ok();
    ROOTLET_TRY(const std::optional<OfficeKeys> office, offices.find_office(kept->office));
    if (office) {
      ROOTLET_TRY(take_certificates(records, *kept, *office, keys, forms, now));
    }
    ROOTLET_TRY(mark_examined(inbox, kept->number));
  }
}

// Deletes the sealed bytes of judged batches after 30 days; those of quarantined batches stay for
// the operator.
Status forget_sealed(Store& inbox, UnixTime now) {
  constexpr std::int64_t kKeepSeconds = 30 * 86'400;
  ROOTLET_TRY(Statement statement,
              inbox.prepare("UPDATE batches SET envelope=NULL WHERE state=2 AND envelope IS NOT "
                            "NULL AND received_at<=?"));
  statement.bind_all(seconds_of(now) - kKeepSeconds);
  return statement.run();
}

}  // namespace

Result<bool> Intake::has_waiting() {
  ROOTLET_TRY(const std::int64_t one,
              inbox_.integer("SELECT EXISTS(SELECT 1 FROM batches WHERE state=1) OR "
                             "EXISTS(SELECT 1 FROM kept_batches WHERE examined=0)"));
  return one == 1;
}

// Mail of the group goes with what the offices still lack, in the order of their mailboxes.
Result<bool> Intake::validate_some(OfficeDirectory& offices, FormDirectory& forms, UnixTime now,
                                   ValidationReport& report) {
  ROOTLET_TRY(Claim claim, claim_batches(inbox_));
  if (claim.batches.empty()) return false;
  GroupValidator group(*records_, keys_, offices, forms, now);
  ROOTLET_TRY(group.take(std::move(claim.batches)));
  std::vector<MailRow> mail;
  {
    ROOTLET_TRY(Transaction saving, Transaction::begin_beside(*records_, group.offices()));
    ROOTLET_TRY(mark_delivered(*records_, delivered_));
    ROOTLET_TRY(group.validate());
    mail = group.mail_to_deliver();
    ROOTLET_TRY(saving.commit());
  }
  if (!claim.transaction) {
    ROOTLET_TRY(Transaction marking, Transaction::begin(inbox_));
    claim.transaction.emplace(std::move(marking));
  }
  ROOTLET_TRY(group.update_inbox(inbox_));
  ROOTLET_TRY(copy_to_inbox(inbox_, mail));
  ROOTLET_TRY(claim.transaction->commit());
  delivered_ = std::move(mail);
  add(report, group.report);
  return true;
}

Status Intake::deliver_left_mail(UnixTime now) {
  ROOTLET_TRY(const std::vector<std::string> offices,
              offices_with_undelivered(*records_, now - kMailIsLeft));
  for (const std::string& office : offices) {
    ROOTLET_TRY(deliver_mail(office));
  }
  return ok();
}

Result<ValidationReport> Intake::validate_pending(OfficeDirectory& offices, FormDirectory& forms,
                                                  UnixTime now) {
  if (!records_ || keys_.ingest_keys.empty()) {
    return fail(ErrorCode::kInternal, "validate batches: opened without the ingest key");
  }
  ROOTLET_TRY(deliver_left_mail(now));
  ValidationReport report;
  bool is_more = true;
  while (is_more) {
    ROOTLET_TRY(is_more, validate_some(offices, forms, now, report));
  }
  ROOTLET_TRY(note_delivered());
  ROOTLET_TRY(examine_kept_batches(inbox_, *records_, keys_, offices, forms, now));
  if (report.batches > 0) {
    ROOTLET_TRY(tell_counts());
  }
  ROOTLET_TRY(forget_sealed(inbox_, now));
  return report;
}

Status Intake::note_delivered() {
  if (delivered_.empty()) return ok();
  ROOTLET_TRY(Transaction transaction, Transaction::begin_beside(*records_));
  ROOTLET_TRY(mark_delivered(*records_, delivered_));
  ROOTLET_TRY(transaction.commit());
  delivered_.clear();
  return ok();
}

Result<std::uint64_t> Intake::send_mail(const std::string& office, std::string_view statement,
                                        OfficeDirectory& offices, UnixTime now) {
  ROOTLET_TRY(const std::optional<OfficeKeys> keys, offices.find_office(office));
  if (!keys) return bad_input("there is no enrolled office " + office.substr(0, 64), "office");
  ROOTLET_TRY(Transaction transaction, Transaction::begin_beside(*records_, {office}));
  RecordsGroup group(*records_, keys_, now);
  ROOTLET_TRY(const std::uint64_t sequence, group.post_mail(office, *keys, statement));
  ROOTLET_TRY(group.land());
  ROOTLET_TRY(transaction.commit());
  ROOTLET_TRY(deliver_mail(office));
  return sequence;
}

}  // namespace rootlet::platform
