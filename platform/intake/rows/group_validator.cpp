// Opens, validates, and says in the inbox what became of each batch.
#include "platform/intake/rows/group_validator.hpp"

#include <algorithm>
#include <set>

#include "platform/intake/held/held_streams.hpp"
#include "platform/intake/rows/foreign_directories.hpp"

namespace rootlet::platform::intake {
namespace {

constexpr std::size_t kOpenedAtOnce = 16;  // batches

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

BatchName name_of(const WaitingBatch& batch) {
  return {batch.office, batch.chain, batch.sequence, batch.hash};
}

}  // namespace

Status GroupValidator::take(std::vector<WaitingBatch> batches) {
  for (WaitingBatch& batch : batches) {
    ROOTLET_TRY(const std::optional<OfficeKeys> office, find_office(batch.office));
    Status is_theirs = check_sender(offices_, batch, office);
    opened_.push_back({std::move(batch), office, std::move(is_theirs)});
  }
  return ok();
}

std::future<void> GroupValidator::start_opening(std::span<Opened> some) {
  return std::async(std::launch::async, [some, keys = keys_.ingest_keys] {
    for (Opened& one : some) {
      one.parsed = one.is_theirs.has_value() ? open_batch(one.batch, keys)
                                             : Result<ParsedBatch>(one.is_theirs.error());
    }
  });
}

std::vector<std::string> GroupValidator::offices() const {
  std::set<std::string> names;
  for (const Opened& one : opened_) names.insert(one.batch.office);
  return {names.begin(), names.end()};
}

Result<std::optional<OfficeKeys>> GroupValidator::find_office(const std::string& office) {
  const auto [known, is_new] = known_offices_.try_emplace(office);
  if (is_new) {
    ROOTLET_TRY(known->second, offices_.find_office(office));
  }
  return known->second;
}

Status GroupValidator::validate() {
  std::span<Opened> rest(opened_), some = rest.first(std::min(kOpenedAtOnce, rest.size()));
  std::future<void> opening = start_opening(some);
  while (!some.empty()) {
    opening.wait();
    rest = rest.subspan(some.size());
    const std::span<Opened> next = rest.first(std::min(kOpenedAtOnce, rest.size()));
    opening = start_opening(next);
    ROOTLET_TRY(validate_some(some));
    some = next;
  }
  return ok();
}

Status GroupValidator::validate_some(std::span<Opened> some) {
  for (const Opened& one : some) {
    const std::vector<std::string> ids =
        one.parsed->has_value() ? ids_of(one.parsed->value()) : std::vector<std::string>();
    ROOTLET_TRY(group_.ask(name_of(one.batch), ids, one.office));
  }
  ROOTLET_TRY(group_.read());
  for (Opened& one : some) {
    ROOTLET_TRY(one.parsed->has_value() ? validate_readable(one, one.parsed->value())
                                        : validate_unreadable(one));
    report.batches += 1;
  }
  return group_.land();
}

Status GroupValidator::update_inbox(Store& inbox) {
  ROOTLET_TRY(Statement update,
              inbox.prepare("UPDATE batches SET state=?, reason=? WHERE number=?"));
  for (const Opened& one : opened_) {
    const bool is_judged = one.parsed->has_value();
    const std::string reason = is_judged ? "" : one.parsed->error().message;
    update.bind_all(is_judged ? kBatchJudged : kBatchQuarantined, reason, one.batch.number);
    ROOTLET_TRY(update.run());
  }
  return ok();
}

Status GroupValidator::validate_readable(const Opened& one, ParsedBatch& parsed) {
  ROOTLET_TRY(compare_directories(records_, directory_, one.batch.office, parsed.seen,
                                  one.batch.received_at));
  if (!group_.mark_judged(name_of(one.batch), false)) return ok();
  ROOTLET_TRY(save_held(records_, one.batch.office, parsed.held, one.batch.received_at));
  BatchValidator validator(group_, forms_, one.batch, now_);
  Judgement judgement = judgement_of(keys_, name_of(one.batch), now_);
  for (BatchItem& item : parsed.items) {
    ROOTLET_TRY(std::optional<RecordJudgement> decided, validator.validate(item));
    if (decided) judgement.records.push_back(std::move(*decided));
  }
  add(report, validator.report);
  if (judgement.records.empty()) return ok();
  return group_.post_judgement(std::move(judgement), one.office);
}

Status GroupValidator::validate_unreadable(const Opened& one) {
  if (!group_.mark_judged(name_of(one.batch), true)) return ok();
  Judgement judgement = judgement_of(keys_, name_of(one.batch), now_);
  judgement.type = JudgementType::kQuarantined;
  judgement.reason = one.parsed->error().message;
  report.quarantined += 1;
  return group_.post_judgement(std::move(judgement), one.office);
}

void add(ValidationReport& total, const ValidationReport& part) {
  total.batches += part.batches;
  total.quarantined += part.quarantined;
  total.accepted += part.accepted;
  total.returned += part.returned;
  total.waiting += part.waiting;
  total.duplicates += part.duplicates;
}

}  // namespace rootlet::platform::intake
