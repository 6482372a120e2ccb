// Keeps the link's counters as one JSON fact in keys.db, and decides on downloads.
#include "agent/cycle/link_use.hpp"

#include <algorithm>
#include <ctime>

#include "core/format/json.hpp"

namespace rootlet::agent {
namespace {

constexpr std::string_view kFact = "link_use";
constexpr std::size_t kMonthLetters = 7;  // of "2026-11-22T…"
constexpr std::size_t kDayLetters = 10;
constexpr std::size_t kDays = 62;                   // of two months
constexpr std::uint64_t kTellingBytes = 16 * 1024;  // fewer bytes measure latency, not rate
constexpr double kNewest = 0.4;                     // weight of the newest sync in the average

std::string month_before(const std::string& month) {
  const int number = std::stoi(month.substr(0, 4)) * 12 + std::stoi(month.substr(5, 2)) - 2;
  const int year = number / 12, last = number % 12 + 1;
  return std::to_string(year) + (last < 10 ? "-0" : "-") + std::to_string(last);
}

// Days of the future are those of a clock that was wrong.
void forget_old_days(LinkUse& use) {
  const std::string first = month_before(use.month);
  std::erase_if(use.days, [&](const DayUse& day) {
    const std::string month = day.day.substr(0, kMonthLetters);
    return month < first || month > use.month;
  });
}

Result<DayUse> parse_day(const json::value& value) {
  ROOTLET_TRY(JsonObject object, JsonObject::from(value, "keys.db: link use"));
  DayUse out;
  ROOTLET_TRY(out.day, object.text("day", kDayLetters));
  ROOTLET_TRY(const std::int64_t down, object.integer("down", 0, INT64_MAX));
  ROOTLET_TRY(const std::int64_t up, object.integer("up", 0, INT64_MAX));
  out.bytes_down = static_cast<std::uint64_t>(down);
  out.bytes_up = static_cast<std::uint64_t>(up);
  return out;
}

// A home of an earlier program has none.
Result<std::vector<DayUse>> load_days(JsonObject& fact) {
  std::vector<DayUse> out;
  if (!fact.has("days")) return out;
  ROOTLET_TRY(const json::array* days, fact.array("days", kDays));
  for (const json::value& value : *days) {
    ROOTLET_TRY(DayUse day, parse_day(value));
    out.push_back(std::move(day));
  }
  return out;
}

}  // namespace

Result<LinkUse> load_link_use(KeyStore& keys, UnixTime now) {
  LinkUse use{.month = format_time(now).substr(0, kMonthLetters)};
  ROOTLET_TRY(const std::optional<Bytes> text, keys.fact(kFact));
  if (!text) return use;
  ROOTLET_TRY(const json::value document, parse_json(as_text(*text), "keys.db: link use"));
  ROOTLET_TRY(JsonObject fact, JsonObject::from(document, "keys.db: link use"));
  ROOTLET_TRY(const std::string month, fact.text("month"));
  ROOTLET_TRY(const std::int64_t bytes, fact.integer("bytes", 0, INT64_MAX));
  ROOTLET_TRY(const std::int64_t rate, fact.integer("rate", 0, INT64_MAX));
  ROOTLET_TRY(use.days, load_days(fact));
  forget_old_days(use);
  if (month == use.month) use.month_bytes = static_cast<std::uint64_t>(bytes);
  use.bytes_per_second = static_cast<double>(rate);
  return use;
}

Status save_link_use(KeyStore& keys, const LinkUse& use) {
  json::array days;
  for (const DayUse& day : use.days) {
    days.push_back(json::object{{"day", day.day}, {"down", day.bytes_down}, {"up", day.bytes_up}});
  }
  const json::object fact{{"month", use.month},
                          {"bytes", use.month_bytes},
                          {"days", std::move(days)},
                          {"rate", static_cast<std::int64_t>(use.bytes_per_second)}};
  return keys.save_fact(kFact, as_bytes(json::serialize(fact)));
}

void add_traffic(LinkUse& use, UnixTime now, std::uint64_t bytes_down, std::uint64_t bytes_up) {
  if (bytes_down + bytes_up == 0) return;
  use.month_bytes += bytes_down + bytes_up;
  const std::string day = format_time(now).substr(0, kDayLetters);
  const auto at = std::ranges::lower_bound(use.days, day, {}, &DayUse::day);
  const bool is_known = at != use.days.end() && at->day == day;
  DayUse& today = is_known ? *at : *use.days.insert(at, DayUse{.day = day});
  today.bytes_down += bytes_down;
  today.bytes_up += bytes_up;
  forget_old_days(use);
}

void learn_rate(LinkUse& use, std::uint64_t data_bytes, double seconds) {
  if (data_bytes < kTellingBytes || seconds <= 0) return;
  const double rate = std::max(1.0, static_cast<double>(data_bytes) / seconds);
  use.bytes_per_second =
      use.bytes_per_second == 0 ? rate : use.bytes_per_second * (1 - kNewest) + rate * kNewest;
}

std::optional<HoldReason> refuse_download(const DownloadRules& rules, int minute,
                                          std::uint64_t month_bytes, std::uint64_t bytes) {
  const bool is_open = rules.hours.empty() || std::any_of(rules.hours.begin(), rules.hours.end(),
                                                          [minute](const DayWindow& window) {
                                                            return window.holds(minute);
                                                          });
  if (!is_open) return HoldReason::kHours;
  if (rules.monthly_bytes == 0) return std::nullopt;
  const std::uint64_t left = rules.monthly_bytes - std::min(rules.monthly_bytes, month_bytes);
  return bytes > left ? std::optional(HoldReason::kBudget) : std::nullopt;
}

int minute_of_day(UnixTime now) {
  const std::time_t seconds = now.time_since_epoch().count();
  std::tm local{};
  ::localtime_r(&seconds, &local);
  return local.tm_hour * 60 + local.tm_min;
}

}  // namespace rootlet::agent
