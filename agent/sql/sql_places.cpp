#include "agent/sql/sql_places.hpp"

#include <condition_variable>
#include <mutex>

#include "core/local_limits.hpp"

namespace rootlet::agent {
namespace {

constexpr std::chrono::milliseconds kLook{100};  // between two questions whether to stop

struct Places {
  std::mutex mutex;
  std::condition_variable freed;
  int taken = 0;
};
Places& places() {
  static Places all;
  return all;
}

}  // namespace

Result<SqlPlace> SqlPlace::take(std::chrono::milliseconds patience,
                                const std::function<bool()>& should_stop) {
  Places& all = places();
  std::unique_lock guard(all.mutex);
  const auto end = std::chrono::steady_clock::now() + patience;
  while (all.taken >= limits::kSqlAtOnce) {
    if (std::chrono::steady_clock::now() >= end || should_stop()) {
      return Error(ErrorCode::kBusy, "SQL: other statements are running", "",
                   {.en = "Wait until they have ended, and try again.",
                    .zh = "其他语句正在运行，请稍后再试。"});
    }
    all.freed.wait_for(guard, kLook);
  }
  ++all.taken;
  return SqlPlace();
}

SqlPlace::~SqlPlace() {
  if (!is_mine_) return;
  Places& all = places();
  const std::lock_guard guard(all.mutex);
  --all.taken;
  all.freed.notify_one();
}

}  // namespace rootlet::agent
