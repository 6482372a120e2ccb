// The most bytes per second that one machine puts on its link. All requests of all threads that
// share a RateLimit share its rate, in both directions and with headers, so many small files are
// held to it as one large file is.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>

namespace rootlet {

class RateLimit {
 public:
  // Milliseconds of a clock that never goes back; tests give their own.
  using Now = std::function<std::chrono::milliseconds()>;
  using Sleep = std::function<void(std::chrono::milliseconds)>;

  explicit RateLimit(std::uint64_t bytes_per_second);  // above 0
  RateLimit(std::uint64_t bytes_per_second, Now now, Sleep sleep);
  RateLimit(const RateLimit&) = delete;
  RateLimit& operator=(const RateLimit&) = delete;

  // Counts bytes that the link has carried. Any thread.
  void spend(std::uint64_t bytes);
  // Waits until the bytes counted so far have had their time, or `should_stop`. Any thread.
  void wait(const std::function<bool()>& should_stop);
  // The most bytes to move between two waits, so that a transfer never runs far ahead.
  std::size_t piece_bytes() const;
  std::uint64_t bytes_per_second() const { return rate_; }

 private:
  std::chrono::milliseconds time_owed();

  const std::uint64_t rate_;
  const Now now_;
  const Sleep sleep_;
  std::mutex mutex_;
  // When everything counted so far will have had its time; guarded by mutex_.
  std::chrono::duration<double> paid_until_{0};
};

}  // namespace rootlet
