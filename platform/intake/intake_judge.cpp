// A person's decisions about waiting records (docs/FORMATS.md, "Judgement").
//
// One transaction of records.db checks every record, then saves each verdict with its mail. So a
// record gets one manual verdict however often the command runs, and a command with a mistake
// decides nothing.
#include <set>

#include "platform/intake/intake.hpp"
#include "platform/intake/rows/records_group.hpp"

namespace rootlet::platform {
namespace {

using namespace intake;

Result<StoredRecord> find_one(Store& records, const std::string& id, const std::string& office) {
  ROOTLET_TRY(std::vector<StoredRecord> found, find_records(records, id));
  if (!office.empty()) {
    std::erase_if(found, [&](const StoredRecord& one) { return one.intake.office != office; });
  }
  if (found.size() == 1) return std::move(found.front());
  const std::string whose = office.empty() ? "" : " of office " + office.substr(0, 64);
  if (found.empty()) {
    return bad_input("there is no record " + id.substr(0, 64) + whose +
                         "; nothing was decided (rootlet-platform inbox list shows all)",
                     "id");
  }
  std::string offices;
  for (const StoredRecord& one : found) {
    offices += (offices.empty() ? "" : ", ") + one.intake.office;
  }
  return bad_input("record " + id + " is of several offices (" + offices +
                       "); nothing was decided: name one with --office",
                   "id");
}

// True if the record waits, false if it already has this verdict.
Result<bool> check_waiting(const IntakeRecord& held, IntakeState wanted) {
  if (held.state == IntakeState::kWaiting) return true;
  if (held.state == wanted) return false;
  return bad_input("record " + held.record.id + " is " + std::string(name_of(held.state)) +
                       " already; nothing was decided",
                   "id",
                   {.en = "only a waiting record can be accepted or returned; a returned one waits "
                          "again when its office sends it again",
                    .zh = "只能受理或退回待审记录；已退回的记录由单位重新报送后再审"});
}

Status check_field(FormDirectory& forms, const Record& record, const Objection& objection) {
  ROOTLET_TRY(const std::optional<FormDefinition> form, form_of(forms, record));
  if (form && form->field(objection.field) != nullptr) return ok();
  std::string fields;
  if (form) {
    for (const FormField& field : form->fields) {
      fields += (fields.empty() ? "" : ", ") + field.name;
    }
  }
  return bad_input("form " + record.form + " of record " + record.id + " has no field \"" +
                       objection.field.substr(0, 64) + "\"; nothing was decided",
                   "field", {.en = "the fields are: " + fields, .zh = "可用字段：" + fields});
}

// Saves the verdict about a waiting record and mails it to the office.
Status post_verdict(Store& records, const IntakeKeys& keys, StoredRecord held,
                    const std::optional<Objection>& objection,
                    const std::optional<OfficeKeys>& office, UnixTime now) {
  RecordJudgement verdict{.id = held.intake.record.id, .attempt = held.intake.record.attempt};
  if (objection) {
    verdict.verdict = Verdict::kReturned;
    verdict.objections = {*objection};
  }
  held.intake.state = objection ? IntakeState::kReturned : IntakeState::kAccepted;
  held.intake.objections = verdict.objections;
  held.intake.judged_at = now;
  RecordsGroup group(records, keys, now);
  ROOTLET_TRY(group.load(held.intake.office, {held.intake.record.id}));
  Judgement judgement = judgement_of(
      keys, {held.intake.office, held.intake.chain, held.intake.sequence, held.batch}, now);
  judgement.records.push_back(std::move(verdict));
  group.save(std::move(held));
  ROOTLET_TRY(group.post_judgement(std::move(judgement), office));
  return group.land();
}

}  // namespace

Result<std::vector<ManualOutcome>> Intake::judge_records(const ManualJudgement& judgement,
                                                         OfficeDirectory& offices,
                                                         FormDirectory& forms, UnixTime now) {
  const IntakeState wanted = judgement.objection ? IntakeState::kReturned : IntakeState::kAccepted;
  ROOTLET_TRY(Transaction transaction, Transaction::begin(*records_));
  std::set<std::string> answered;  // offices
  std::vector<ManualOutcome> outcomes;
  for (const std::string& given : judgement.ids) {
    ROOTLET_TRY(const std::string id, find_record_id(*records_, given));
    ROOTLET_TRY(StoredRecord held, find_one(*records_, id, judgement.office));
    ROOTLET_TRY(const bool waits, check_waiting(held.intake, wanted));
    outcomes.push_back({.office = held.intake.office, .id = id, .was_already = !waits});
    if (!waits) continue;
    if (judgement.objection) {
      ROOTLET_TRY(check_field(forms, held.intake.record, *judgement.objection));
    }
    ROOTLET_TRY(const std::optional<OfficeKeys> office, offices.find_office(held.intake.office));
    answered.insert(held.intake.office);
    ROOTLET_TRY(post_verdict(*records_, keys_, std::move(held), judgement.objection, office, now));
  }
  ROOTLET_TRY(transaction.commit());
  for (const std::string& office : answered) {
    ROOTLET_TRY(deliver_mail(office));
  }
  ROOTLET_TRY(tell_counts());
  return outcomes;
}

}  // namespace rootlet::platform
