// States follow from the health of a source and its alarms.
#include "platform/cli/source/source_text.hpp"

#include "config/units.hpp"
#include "core/format/json_values.hpp"

namespace rootlet::platform {
namespace {

std::string_view name_of(SourceAlarm alarm) {
  return alarm == SourceAlarm::kNoSuccess ? "no_success" : "no_change";
}

}  // namespace

std::string_view state_of(const ScheduledSource& source, UnixTime now) {
  if (alarm_of(source.file, source.health, now) != SourceAlarm::kNone) return "alarm";
  if (source.health.failures > 0) return "failing";
  return source.health.tried.has_value() ? "ok" : "new";
}

json::object json_source(const ScheduledSource& source, UnixTime now) {
  const SourceHealth& health = source.health;
  const SourceAlarm alarm = alarm_of(source.file, health, now);
  json::object object{{"dataset", source.dataset},
                      {"from", source.file.from_text},
                      {"state", state_of(source, now)},
                      {"next", format_time(next_due(source.file, health))},
                      {"tried", json_time(health.tried)},
                      {"succeeded", json_time(health.succeeded)},
                      {"changed", json_time(health.changed)},
                      {"whole", json_time(health.whole)},
                      {"failures", json_count(health.failures)}};
  if (!health.error.empty()) object["error"] = health.error;
  if (!health.newest.empty()) object["newest"] = health.newest;
  if (source.file.follow.has_value()) object["lag_bytes"] = json_count(health.lag_bytes);
  if (alarm != SourceAlarm::kNone) object["alarm"] = name_of(alarm);
  return object;
}

Text alarm_text(const ScheduledSource& source, UnixTime now) {
  const SourceHealth& health = source.health;
  const std::string since = format_time(health.succeeded.value_or(health.set)),
                    changed = format_time(health.changed.value_or(health.set));
  switch (alarm_of(source.file, health, now)) {
    case SourceAlarm::kNone:
      return {};
    case SourceAlarm::kNoSuccess:
      return {.en = source.dataset + ": no successful publish since " + since +
                    "; offices keep what they have, and it grows old",
              .zh = source.dataset + "：自 " + since + " 起未能成功发布，各单位的数据停留在此前"};
    case SourceAlarm::kNoChange:
      break;
  }
  return {.en = source.dataset + ": the source has brought nothing new since " + changed +
                "; is it a copy that lags behind?",
          .zh = source.dataset + "：自 " + changed + " 起来源没有任何变化，请确认其是否仍在更新"};
}

}  // namespace rootlet::platform
