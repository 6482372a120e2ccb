// A read has one entry with its rows, or "started" with those so far and one with all of them.
#include "agent/ledger/row_counter.hpp"

#include <algorithm>

#include "core/local_limits.hpp"

namespace rootlet::agent {
namespace {

constexpr std::chrono::minutes kStep{1};

Error too_many_rows_today(const Use& use, std::int64_t cap) {
  return Error(
      ErrorCode::kNotPermitted,
      "user '" + use.user + "' has read as many rows of dataset " + use.dataset +
          " as its grant allows a person within a day: " + std::to_string(cap),
      {},
      {.en = "Reading goes on as the day passes. Single rows by their key are still shown.",
       .zh = "已达授权规定的每人每日行数上限。随时间推移可继续查询；仍可按主键查单条。"});
}

std::int64_t cap_of(const RowCaps& caps, const std::string& dataset) {
  const auto found = caps.find(dataset);
  return found == caps.end() ? 0 : found->second;
}

Error too_many_rows(const Use& use) {
  const std::string number = std::to_string(limits::kRowsInWindow);
  return Error(
      ErrorCode::kNotPermitted,
      "user '" + use.user + "' has read " + number + " rows of dataset " + use.dataset +
          " within an hour, which is the most that is no export",
      {},
      {.en =
           "Ask for what the case needs: a filter, a search, one row by its key. Whole tables are "
           "an export: --limit 0, with a grant that has --export. Reading goes on as the hour "
           "passes.",
       .zh = "一小时内查看的行数已达上限。请按办理需要加条件、搜索或按主键查单条；成批数据请用导出"
             "（--limit 0，授权须带 --export）。随时间推移可继续查询。"});
}

}  // namespace

RowCaps row_caps(const Grant& grant) {
  if (grant.caps.rows == 0) return {};
  return {{grant.dataset, grant.caps.rows}};
}

std::vector<RowCounter::Key> RowCounter::keys_of(const Use& use, std::int64_t rows) {
  std::vector<Key> keys;
  const bool is_search = use.command == "search";
  const bool is_page = use.command == "query" || use.command == "sql";
  const bool is_screen = is_search && rows <= std::int64_t{limits::kUncountedSearchRows} *
                                                  std::max<std::int64_t>(use.times, 1);
  if (use.is_export || is_screen || !(is_page || is_search)) return keys;
  for (std::size_t at = 0; at <= use.dataset.size();) {
    const std::size_t end = std::min(use.dataset.find(',', at), use.dataset.size());
    if (end > at) keys.emplace_back(use.uid, use.user, use.dataset.substr(at, end - at));
    at = end + 1;
  }
  return keys;
}

Status RowCounter::catch_up(Ledger& ledger, UnixTime now) {
  std::vector<std::pair<std::int64_t, Use>> found;
  const UnixTime since = now - window_;
  ROOTLET_TRY(ledger.read_after(
      last_, since, limits::kCountedEntries,
      [&](std::int64_t sequence, const Use& use) { found.emplace_back(sequence, use); }));
  for (auto one = found.rbegin(); one != found.rend(); ++one) add(one->first, one->second);
  forget_old(now);
  return ok();
}

void RowCounter::add(std::int64_t sequence, const Use& use) {
  last_ = std::max(last_, sequence);
  std::int64_t rows = use.count;
  if (use.outcome == "started" && rows > 0) started_[sequence] = rows;
  if (const auto begun = started_.find(use.began); begun != started_.end()) {
    rows -= begun->second;
    started_.erase(begun);
  }
  if (rows == 0) return;
  for (const Key& key : keys_of(use, use.count)) {
    std::deque<Handed>& handed = people_[key].handed;
    if (handed.empty() || handed.back().at + kStep <= use.at) handed.push_back({use.at, 0});
    handed.back().rows += rows;
  }
}

void RowCounter::forget_old(UnixTime now) {
  for (auto at = people_.begin(); at != people_.end();) {
    std::deque<Handed>& handed = at->second.handed;
    while (!handed.empty() && handed.front().at + window_ <= now) handed.pop_front();
    at = handed.empty() && at->second.promised == 0 ? people_.erase(at) : std::next(at);
  }
  while (started_.size() > limits::kCountedEntries) started_.erase(started_.begin());
}

std::int64_t RowCounter::left_of(const Key& key, UnixTime now, const RowCaps& caps) const {
  const std::int64_t cap = cap_of(caps, std::get<2>(key));
  std::int64_t left = cap > 0 ? cap : limits::kRowsInWindow;
  const auto person = people_.find(key);
  if (person == people_.end()) return left;
  left -= person->second.promised;
  for (const Handed& one : person->second.handed) {
    if (cap > 0 || one.at + limits::kRowWindow > now) left -= one.rows;
  }
  return std::max<std::int64_t>(left, 0);
}

Result<std::size_t> RowCounter::promise(const Use& use, std::size_t wanted, const RowCaps& caps) {
  const auto most = static_cast<std::int64_t>(wanted);
  auto allowed = most;
  std::int64_t cap = 0;
  for (const Key& key : keys_of(use, most)) {
    const std::int64_t left = left_of(key, use.at, caps);
    if (left == 0) cap = cap_of(caps, std::get<2>(key));
    allowed = std::min(allowed, left);
  }
  if (use.command == "search") {
    allowed = std::max(allowed, std::min(most, std::int64_t{limits::kUncountedSearchRows}));
  }
  if (allowed == 0 && most > 0) return cap > 0 ? too_many_rows_today(use, cap) : too_many_rows(use);
  for (const Key& key : keys_of(use, allowed)) people_[key].promised += allowed;
  return static_cast<std::size_t>(allowed);
}

void RowCounter::take_back(const Use& use, std::size_t promised) {
  const auto rows = static_cast<std::int64_t>(promised);
  for (const Key& key : keys_of(use, rows)) people_[key].promised -= rows;
}

}  // namespace rootlet::agent
