// Sends records and reads mail on a thread of its own while a cycle downloads, so that neither
// waits for a large pack or a slow mirror.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace rootlet::agent {

class UplinkBeside {
 public:
  // Runs `round` on the other thread after each nudge(), and each `interval` for the mail.
  UplinkBeside(std::function<void()> round, std::chrono::milliseconds interval);
  // Waits for the current round, and runs a last one if a nudge came in between.
  ~UplinkBeside();
  UplinkBeside(const UplinkBeside&) = delete;
  UplinkBeside& operator=(const UplinkBeside&) = delete;

  void nudge();

 private:
  void loop();

  const std::function<void()> round_;
  const std::chrono::milliseconds interval_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool nudged_ = false;    // guarded by mutex_
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace rootlet::agent
