// Formats: docs/FORMATS.md, "Batch" and "Judgement".
#include "platform/intake/rows/batch_validator.hpp"

#include <algorithm>

namespace rootlet::platform::intake {
namespace {

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

struct Finding {
  IntakeState state = IntakeState::kAccepted;
  std::vector<Objection> objections;
};

Result<Finding> examine(FormCache& forms, const Record& record) {
  ROOTLET_TRY(const FormDefinition* form, forms.find(record));
  if (form == nullptr) {
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

}  // namespace

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

std::vector<std::string> ids_of(const ParsedBatch& parsed) {
  std::vector<std::string> ids;
  for (const BatchItem& item : parsed.items) ids.push_back(item.id);
  return ids;
}

Result<const FormDefinition*> FormCache::find(const Record& record) {
  const auto [held, is_new] = held_.try_emplace({record.kind, record.form, record.form_version});
  if (is_new) {
    ROOTLET_TRY(held->second, form_of(forms_, record));
  }
  return held->second ? &*held->second : nullptr;
}

Result<std::optional<RecordJudgement>> BatchValidator::validate(BatchItem& item) {
  if (!item.record) {
    report.returned += 1;
    return std::optional(returned(
        item, {objection_about("unreadable", {.en = "The record could not be read: " + item.flaw,
                                              .zh = "无法读取此记录：" + item.flaw})}));
  }
  const StoredRecord* held = group_.find(batch_.office, item.id);
  if (held == nullptr) return take_in(item);
  const bool same = held->digest == digest_of(*item.record);
  const int held_attempt = held->intake.record.attempt;
  const bool settled = held->intake.state == IntakeState::kAccepted;
  if (item.attempt > held_attempt && !settled) return take_in(item);
  report.duplicates += 1;
  if (same && item.attempt >= held_attempt) return same_again(item, *held);
  return std::optional(conflicting(item));
}

Result<std::optional<RecordJudgement>> BatchValidator::take_in(BatchItem& item) {
  ROOTLET_TRY(Finding finding, examine(forms_, *item.record));
  StoredRecord stored;
  stored.intake = {.office = batch_.office,
                   .record = std::move(*item.record),
                   .state = finding.state,
                   .objections = std::move(finding.objections),
                   .received_at = batch_.received_at,
                   .judged_at = now_,
                   .chain = batch_.chain,
                   .sequence = batch_.sequence};
  stored.digest = digest_of(stored.intake.record);
  stored.batch = batch_.hash;
  count(finding.state);
  std::optional<RecordJudgement> judgement = same_again(item, stored);
  group_.save(std::move(stored));
  return judgement;
}

void BatchValidator::count(IntakeState state) {
  if (state == IntakeState::kWaiting) report.waiting += 1;
  if (state == IntakeState::kAccepted) report.accepted += 1;
  if (state == IntakeState::kReturned) report.returned += 1;
}

}  // namespace rootlet::platform::intake
