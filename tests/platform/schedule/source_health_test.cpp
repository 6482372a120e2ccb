// Tests of source_health.hpp: when a publish is due, and when somebody must look.
#include "platform/schedule/source_health.hpp"

#include <cstdlib>
#include <ctime>

#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace rootlet::test;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

UnixTime at(std::string_view text) {
  return must(parse_time(text));
}

SourceFile file_of(Schedule when) {
  SourceFile file;
  file.when = when;
  file.alarm_after = hours(2);
  file.since = Incremental{.column = "GXSJ", .overlap = minutes(5), .whole_every = days(7)};
  return file;
}

SourceHealth tried(SourceHealth health, UnixTime now, const std::string& error = "") {
  return after_try(std::move(health), {.began = now, .was_whole = false, .error = error});
}

}  // namespace

TEST_CASE("schedule: the first publish is due at once, the next ones by the clock") {
  const SourceFile file = file_of({.every = minutes(15)});
  SourceHealth health;
  health.set = at("2026-12-01T10:00:00Z");
  CHECK(next_due(file, health) == health.set);
  health = tried(health, health.set + seconds(20));
  CHECK(next_due(file, health) == at("2026-12-01T10:15:20Z"));
}

TEST_CASE(
    "schedule: a time of day is the local one, also after a late publish and a change of time") {
  ::setenv("TZ", "Europe/Berlin", 1);
  ::tzset();
  const SourceFile file = file_of({.every = days(1), .at_minute = 210});
  SourceHealth health = tried({}, at("2026-10-23T01:30:05Z"));  // 03:30 there
  CHECK(next_due(file, health) == at("2026-10-24T01:30:00Z"));
  health = tried(health, at("2026-10-24T09:00:00Z"));           // late
  CHECK(next_due(file, health) == at("2026-10-25T02:30:00Z"));  // after the clock went back
  ::setenv("TZ", "UTC", 1);
  ::tzset();
}

TEST_CASE("schedule: a failure is tried again with growing pauses, never later than the schedule") {
  const SourceFile file = file_of({.every = days(1)});
  SourceHealth health;
  UnixTime now = at("2026-12-01T10:00:00Z");
  std::vector<seconds> pauses;
  for (int i = 0; i < 8; ++i) {
    health = tried(health, now, "no link");
    pauses.push_back(next_due(file, health) - now);
    now = next_due(file, health);
  }
  CHECK(pauses == std::vector<seconds>{minutes(1), minutes(2), minutes(4), minutes(8), minutes(16),
                                       minutes(32), hours(1), hours(1)});
  CHECK(health.failures == 8);
  CHECK(health.error == "no link");
  health = tried(health, now);
  CHECK(health.failures == 0);
  CHECK(next_due(file, health) == now + days(1));
  const SourceFile often = file_of({.every = minutes(3)});
  SourceHealth failing = tried(tried(tried({}, now, "x"), now, "x"), now, "x");
  CHECK(next_due(often, failing) == now + minutes(3));
}

TEST_CASE(
    "schedule: all rows are read at first, after some time, and while no newest value is known") {
  const SourceFile file = file_of({.every = hours(1)});
  const UnixTime now = at("2026-12-01T10:00:00Z");
  CHECK(is_whole_due(file, {}, now));
  SourceHealth health = after_try({}, {.began = now, .was_whole = true, .newest = ""});
  CHECK(is_whole_due(file, health, now + hours(1)));
  health = after_try(health, {.began = now, .was_whole = true, .newest = "2026-11-30 08:00:00"});
  CHECK_FALSE(is_whole_due(file, health, now + hours(1)));
  health = tried(health, now + days(6));
  CHECK(is_whole_due(file, health, now + days(7)));
  SourceFile plain = file;
  plain.since.reset();
  CHECK(is_whole_due(plain, health, now + hours(1)));
}

TEST_CASE("schedule: no success and no change for too long are alarms") {
  SourceFile file = file_of({.every = hours(1)});
  file.expect_change = days(3);
  const UnixTime now = at("2026-12-01T10:00:00Z");
  SourceHealth health;
  health.set = now;
  CHECK(alarm_of(file, health, now + hours(2)) == SourceAlarm::kNone);
  CHECK(alarm_of(file, health, now + hours(3)) == SourceAlarm::kNoSuccess);
  health = after_try(health, {.began = now + hours(3), .made_version = true});
  CHECK(alarm_of(file, health, now + hours(3)) == SourceAlarm::kNone);
  const UnixTime later = now + hours(3) + days(3);
  health = tried(health, later);
  CHECK(alarm_of(file, health, later) == SourceAlarm::kNone);
  CHECK(alarm_of(file, health, later + minutes(1)) == SourceAlarm::kNoChange);
}

TEST_CASE("schedule: the newest value never goes back, and the overlap is taken off times only") {
  SourceHealth health = after_try({}, {.began = {}, .newest = "2026-12-01 10:00:00"});
  health = after_try(health, {.began = {}, .newest = "2026-11-01 10:00:00"});
  CHECK(health.newest == "2026-12-01 10:00:00");
  CHECK(since_value("2026-12-01 00:02:03.5+00", minutes(5)) == "2026-11-30 23:57:03+00");
  CHECK(since_value("2026-12-01T00:02:03Z", minutes(5)) == "2026-11-30 23:57:03Z");
  CHECK(since_value("2026-12-01", minutes(5)) == "2026-11-30");
  CHECK(since_value("1234567", minutes(5)) == "1234567");
  CHECK(since_value("", minutes(5)) == "");
}

TEST_CASE("schedule: health survives being saved") {
  const SourceHealth health = after_try({}, {.began = at("2026-12-01T10:00:00Z"),
                                             .was_whole = true,
                                             .made_version = true,
                                             .error = "",
                                             .newest = "7"});
  const SourceHealth again = must(SourceHealth::load(health.save()));
  CHECK(again.save() == health.save());
  CHECK(again.whole == health.whole);
  CHECK(SourceHealth::load("{").has_error());
}
