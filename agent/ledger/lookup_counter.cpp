// A hash that two rows share would only refuse a little early.
#include "agent/ledger/lookup_counter.hpp"

#include <algorithm>
#include <chrono>
#include <functional>

#include "core/local_limits.hpp"

namespace rootlet::agent {

std::int64_t day_of(UnixTime time) {
  return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}

UnixTime start_of_day(UnixTime time) {
  return std::chrono::floor<std::chrono::days>(time);
}

std::size_t LookupCounter::row_of(const Use& use, std::string_view subject) {
  const std::string whole = std::to_string(use.uid) + '\0' + use.user + '\0' + use.dataset + '\0';
  return std::hash<std::string_view>()(whole) ^ (std::hash<std::string_view>()(subject) << 1);
}

void LookupCounter::make_room() {
  std::erase_if(counts_, [](const auto& row) { return row.second <= 1; });
  if (counts_.size() < limits::kCountedRows) return;
  int most = 0;
  for (const auto& row : counts_) most = std::max(most, row.second);
  std::erase_if(counts_, [most](const auto& row) { return row.second < most; });
  if (counts_.size() >= limits::kCountedRows) counts_.clear();
}

void LookupCounter::add(const Use& use, UnixTime now) {
  if (day_of(now) != day_) {
    counts_.clear();
    day_ = day_of(now);
  }
  const bool is_lookup = use.command == "show" || use.command == "reveal" || use.command == "check";
  if (day_of(use.at) != day_ || !is_lookup || use.outcome != "done") return;
  const auto count_one = [&](const std::string& subject) {
    if (counts_.size() >= limits::kCountedRows) make_room();
    ++counts_[row_of(use, subject)];
  };
  if (!use.subject.empty()) count_one(use.subject);
  for (const std::string& subject : use.subjects) count_one(subject);
}

int LookupCounter::count(const Use& use) const {
  const auto found = counts_.find(row_of(use, use.subject));
  return found == counts_.end() || day_of(use.at) != day_ ? 0 : found->second;
}

}  // namespace rootlet::agent
