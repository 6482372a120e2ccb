// Times are saved as seconds since 1970.
#include "platform/schedule/source_health.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "core/format/json.hpp"

namespace rootlet::platform {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr seconds kLongestWait = hours(1);
constexpr std::size_t kErrorBytes = 2'000, kNewestBytes = 200;

Result<std::optional<UnixTime>> time_in(JsonObject& object, std::string_view key) {
  if (!object.has(key)) return std::optional<UnixTime>();
  ROOTLET_TRY(const std::int64_t at, object.integer(key, 0, INT64_MAX / 2));
  return std::optional(UnixTime(seconds(at)));
}

Result<std::uint64_t> count_in(JsonObject& object, std::string_view key) {
  if (!object.has(key)) return std::uint64_t{0};
  ROOTLET_TRY(const std::int64_t value, object.integer(key, 0, INT64_MAX));
  return static_cast<std::uint64_t>(value);
}

// The first time after `after` that is `minute` of a day by the local clock.
UnixTime next_minute_of_day(UnixTime after, int minute) {
  const std::time_t at = after.time_since_epoch().count();
  std::tm local{};
  ::localtime_r(&at, &local);
  local.tm_hour = minute / 60;
  local.tm_min = minute % 60;
  local.tm_sec = 0;
  local.tm_isdst = -1;
  std::time_t found = std::mktime(&local);
  if (found <= at) {
    local.tm_mday += 1;
    local.tm_isdst = -1;
    found = std::mktime(&local);
  }
  return UnixTime(seconds(found));
}

seconds retry_wait(std::uint64_t failures) {
  const auto doublings = static_cast<int>(std::min<std::uint64_t>(failures - 1, 6));
  return std::min<seconds>(minutes(1 << doublings), kLongestWait);
}

UnixTime by_schedule(const Schedule& when, UnixTime last) {
  if (!when.at_minute.has_value()) return last + when.every;
  // From the day of the last one: late by an hour today is not late by an hour for ever.
  return next_minute_of_day(last + when.every - days(1), *when.at_minute);
}

}  // namespace

Result<SourceHealth> SourceHealth::load(std::string_view json_text) {
  constexpr std::string_view kWhat = "platform.db: sources";
  SourceHealth health;
  if (json_text.empty()) return health;
  ROOTLET_TRY(const json::value document, parse_json(json_text, kWhat));
  ROOTLET_TRY(JsonObject object, JsonObject::from(document, kWhat));
  ROOTLET_TRY(const std::optional<UnixTime> set, time_in(object, "set"));
  health.set = set.value_or(UnixTime());
  ROOTLET_TRY(health.tried, time_in(object, "tried"));
  ROOTLET_TRY(health.succeeded, time_in(object, "succeeded"));
  ROOTLET_TRY(health.changed, time_in(object, "changed"));
  ROOTLET_TRY(health.whole, time_in(object, "whole"));
  ROOTLET_TRY(const std::int64_t failures, object.integer("failures", 0, INT64_MAX));
  health.failures = static_cast<std::uint64_t>(failures);
  health.error = object.text_or("error", "");
  health.newest = object.text_or("newest", "");
  health.snapshot = object.text_or("snapshot", "");
  ROOTLET_TRY(health.version, count_in(object, "version"));
  ROOTLET_TRY(health.position, count_in(object, "position"));
  ROOTLET_TRY(health.log_end, count_in(object, "log_end"));
  ROOTLET_TRY(health.lag_bytes, count_in(object, "lag_bytes"));
  return health;
}

std::string SourceHealth::save() const {
  json::object object{{"set", set.time_since_epoch().count()},
                      {"failures", static_cast<std::int64_t>(failures)},
                      {"error", error},
                      {"newest", newest},
                      {"version", static_cast<std::int64_t>(version)},
                      {"snapshot", snapshot},
                      {"position", static_cast<std::int64_t>(position)},
                      {"log_end", static_cast<std::int64_t>(log_end)},
                      {"lag_bytes", static_cast<std::int64_t>(lag_bytes)}};
  const auto put = [&](const char* key, const std::optional<UnixTime>& at) {
    if (at.has_value()) object[key] = at->time_since_epoch().count();
  };
  put("tried", tried);
  put("succeeded", succeeded);
  put("changed", changed);
  put("whole", whole);
  return json::serialize(object);
}

UnixTime next_due(const SourceFile& file, const SourceHealth& health) {
  if (!health.tried.has_value()) return health.set;
  const UnixTime scheduled = by_schedule(file.when, *health.tried);
  if (health.failures == 0) return scheduled;
  return std::min(scheduled, *health.tried + retry_wait(health.failures));
}

bool is_whole_due(const SourceFile& file, const SourceHealth& health, UnixTime now) {
  if (!health.whole.has_value()) return true;
  if (file.follow.has_value()) {
    return health.snapshot.empty() || now >= *health.whole + file.follow->whole_every;
  }
  if (!file.since.has_value() || health.newest.empty()) return true;
  return now >= *health.whole + file.since->whole_every;
}

SourceHealth after_try(SourceHealth health, const TryResult& result) {
  health.tried = result.began;
  health.error = result.error.substr(0, kErrorBytes);
  if (!result.error.empty()) {
    ++health.failures;
    return health;
  }
  health.failures = 0;
  health.succeeded = result.began;
  health.version = result.version;
  if (result.made_version) health.changed = result.began;
  if (result.was_whole) health.whole = result.began;
  NewestValue newest;
  newest.add(health.newest);
  if (result.newest.size() <= kNewestBytes) newest.add(result.newest);
  health.newest = newest.value();
  return health;
}

SourceAlarm alarm_of(const SourceFile& file, const SourceHealth& health, UnixTime now) {
  if (now > health.succeeded.value_or(health.set) + file.alarm_after) {
    return SourceAlarm::kNoSuccess;
  }
  const bool expects = file.expect_change > seconds(0);
  if (expects && now > health.changed.value_or(health.set) + file.expect_change) {
    return SourceAlarm::kNoChange;
  }
  return SourceAlarm::kNone;
}

std::string since_value(const std::string& newest, std::chrono::seconds overlap) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, read = 0;
  const int fields = std::sscanf(newest.c_str(), "%4d-%2d-%2d%*1[ T]%2d:%2d:%2d%n", &year, &month,
                                 &day, &hour, &minute, &second, &read);
  if (fields != 3 && fields != 6) return newest;
  std::tm parts{};
  parts.tm_year = year - 1900;
  parts.tm_mon = month - 1;
  parts.tm_mday = day;
  parts.tm_hour = hour;
  parts.tm_min = minute;
  parts.tm_sec = second;
  const std::time_t at = ::timegm(&parts) - overlap.count();
  ::gmtime_r(&at, &parts);
  std::array<char, 32> text{};
  const char* form = fields == 3 ? "%Y-%m-%d" : "%Y-%m-%d %H:%M:%S";
  const std::size_t bytes = std::strftime(text.data(), text.size(), form, &parts);
  // A time zone at the end stays, a fraction of a second goes.
  const std::size_t zone =
      fields == 6 ? newest.find_first_of("+-Z", static_cast<std::size_t>(read)) : std::string::npos;
  return std::string(text.data(), bytes) + (zone == newest.npos ? "" : newest.substr(zone));
}

}  // namespace rootlet::platform
