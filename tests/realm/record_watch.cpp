#include "tests/realm/record_watch.hpp"

namespace rootlet::test {
namespace {

bool is_decided(RecordState state) {
  return state == RecordState::kAccepted || state == RecordState::kReturned;
}

// Accepted and returned are both final for one attempt.
bool may_follow(RecordState before, RecordState after) {
  return before == after || (!is_decided(before) && after > before);
}

}  // namespace

void RecordWatch::submit(std::string_view form, const json::object& values) {
  seen_[office_->submit(form, values)].values = values;
}

void RecordWatch::fix_one(const std::string& name) {
  for (auto& [id, seen] : seen_) {
    if (seen.state != RecordState::kReturned) continue;
    seen.values["name"] = name;
    office_->fix(id, seen.values);
    seen.attempt += 1;
    seen.state = RecordState::kSaved;
    return;
  }
}

void RecordWatch::check() {
  std::map<std::string, platform::IntakeRecord> taken_in;
  for (platform::IntakeRecord& held : realm_->records_of(office_->id())) {
    const std::string id = held.record.id;
    REQUIRE(seen_.contains(id));
    REQUIRE(taken_in.emplace(id, std::move(held)).second);
  }
  const std::vector<RecordSummary> records = office_->records();
  REQUIRE(records.size() == seen_.size());
  for (const RecordSummary& record : records) {
    CAPTURE(record.id);
    REQUIRE(seen_.contains(record.id));
    Seen& seen = seen_.at(record.id);
    CAPTURE(name_of(seen.state));
    CAPTURE(name_of(record.state));
    REQUIRE(record.attempt == seen.attempt);
    REQUIRE(may_follow(seen.state, record.state));
    seen.state = record.state;
    if (!is_decided(record.state)) continue;
    REQUIRE(taken_in.contains(record.id));
    const platform::IntakeRecord& held = taken_in.at(record.id);
    const bool accepted = record.state == RecordState::kAccepted;
    REQUIRE(held.record.attempt == record.attempt);
    REQUIRE(held.record.values == seen.values);
    REQUIRE(held.state ==
            (accepted ? platform::IntakeState::kAccepted : platform::IntakeState::kReturned));
    REQUIRE(record.objections.empty() == accepted);
  }
}

bool RecordWatch::is_settled() {
  check();
  for (const auto& [id, seen] : seen_) {
    if (!is_decided(seen.state)) return false;
  }
  return true;
}

}  // namespace rootlet::test
