// A token bucket without a store: an idle link saves up nothing, so no burst follows a pause.
#include "sync/wire/client/rate_limit.hpp"

#include <algorithm>
#include <thread>

#include "core/limits.hpp"

namespace rootlet {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongestNap{100};  // how late a stop may be noticed
constexpr std::uint64_t kPiecesPerSecond = 10;
constexpr std::uint64_t kSmallestPiece = 256;

milliseconds steady_now() {
  return std::chrono::duration_cast<milliseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace

RateLimit::RateLimit(std::uint64_t bytes_per_second)
    : RateLimit(bytes_per_second, steady_now,
                [](milliseconds time) { std::this_thread::sleep_for(time); }) {}

RateLimit::RateLimit(std::uint64_t bytes_per_second, Now now, Sleep sleep)
    : rate_(std::max<std::uint64_t>(1, bytes_per_second)),
      now_(std::move(now)),
      sleep_(std::move(sleep)) {}

void RateLimit::spend(std::uint64_t bytes) {
  const std::lock_guard guard(mutex_);
  const std::chrono::duration<double> now = now_();
  const std::chrono::duration<double> time(static_cast<double>(bytes) / static_cast<double>(rate_));
  paid_until_ = std::max(paid_until_, now) + time;
}

milliseconds RateLimit::time_owed() {
  const std::lock_guard guard(mutex_);
  return std::chrono::ceil<milliseconds>(paid_until_ - now_());
}

void RateLimit::wait(const std::function<bool()>& should_stop) {
  while (!should_stop()) {
    const milliseconds owed = time_owed();
    if (owed <= milliseconds(0)) return;
    sleep_(std::min(owed, kLongestNap));
  }
}

std::size_t RateLimit::piece_bytes() const {
  return static_cast<std::size_t>(
      std::clamp<std::uint64_t>(rate_ / kPiecesPerSecond, kSmallestPiece, 64 * limits::kKiB));
}

}  // namespace rootlet
