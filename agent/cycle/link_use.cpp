// Keeps the link's counters as one JSON fact in keys.db, and decides on downloads.
#include "agent/cycle/link_use.hpp"

#include <algorithm>
#include <ctime>

#include "core/format/json.hpp"

namespace rootlet::agent {
namespace {

constexpr std::string_view kFact = "link_use";
constexpr std::size_t kMonthLetters = 7;            // of "2026-11-22T…"
constexpr std::uint64_t kTellingBytes = 16 * 1024;  // fewer bytes measure latency, not rate
constexpr double kNewest = 0.4;                     // weight of the newest sync in the average

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
  if (month == use.month) use.month_bytes = static_cast<std::uint64_t>(bytes);
  use.bytes_per_second = static_cast<double>(rate);
  return use;
}

Status save_link_use(KeyStore& keys, const LinkUse& use) {
  const json::object fact{{"month", use.month},
                          {"bytes", use.month_bytes},
                          {"rate", static_cast<std::int64_t>(use.bytes_per_second)}};
  return keys.save_fact(kFact, as_bytes(json::serialize(fact)));
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
