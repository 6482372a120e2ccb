#include "platform/intake/rows/quota.hpp"

namespace rootlet::platform::intake {
namespace {

constexpr std::int64_t kMinute = 60;  // seconds
constexpr std::int64_t kWindowMinutes = 60;

std::int64_t seconds_of(UnixTime time) {
  return time.time_since_epoch().count();
}

std::int64_t minute_of(UnixTime time) {
  return seconds_of(time) / kMinute;
}

// Later minutes are from a clock that was ahead.
bool counts(const UsedMinute& used, UnixTime now) {
  return used.minute > minute_of(now) - kWindowMinutes && used.minute <= minute_of(now);
}

}  // namespace

long decide_quota_wait(std::span<const UsedMinute> used, std::uint64_t bytes, std::uint64_t quota,
                       UnixTime now) {
  std::uint64_t sum = bytes;
  for (const UsedMinute& each : used) sum += counts(each, now) ? each.bytes : 0;
  std::int64_t wait = 0;
  for (const UsedMinute& each : used) {
    if (sum <= quota) break;
    if (!counts(each, now)) continue;
    sum -= each.bytes;
    wait = (each.minute + kWindowMinutes) * kMinute - seconds_of(now);
  }
  return static_cast<long>(wait);
}

Result<std::vector<UsedMinute>> load_usage(Store& inbox, const std::string& office, UnixTime now) {
  ROOTLET_TRY(Statement statement,
              inbox.prepare("SELECT minute, bytes FROM usage WHERE office=? AND minute>?"
                            " ORDER BY minute"));
  statement.bind_all(office, minute_of(now) - kWindowMinutes);
  std::vector<UsedMinute> used;
  while (true) {
    ROOTLET_TRY(const bool row, statement.step());
    if (!row) return used;
    used.push_back({statement.integer(0), static_cast<std::uint64_t>(statement.integer(1))});
  }
}

Status save_usage(Store& inbox, const std::string& office, std::uint64_t bytes, UnixTime now) {
  ROOTLET_TRY(Statement old,
              inbox.prepare("DELETE FROM usage WHERE office=? AND (minute<=? OR minute>?)"));
  old.bind_all(office, minute_of(now) - kWindowMinutes, minute_of(now));
  ROOTLET_TRY(old.run());
  ROOTLET_TRY(Statement add,
              inbox.prepare("INSERT INTO usage VALUES(?,?,?) ON CONFLICT(office, minute) DO UPDATE"
                            " SET bytes=usage.bytes+excluded.bytes"));
  add.bind_all(office, minute_of(now), bytes);
  return add.run();
}

}  // namespace rootlet::platform::intake
