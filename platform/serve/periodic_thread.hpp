// A thread that works when it is called, and at least once in each interval.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "core/log.hpp"
#include "core/result.hpp"

namespace rootlet::platform {

class PeriodicThread {
 public:
  PeriodicThread(std::chrono::milliseconds every, std::function<void()> work)
      : every_(every), work_(std::move(work)) {}
  // kBusy if the system has no more threads.
  Status start() {
    try {
      thread_ = std::thread([this] { run(); });
    } catch (const std::system_error& error) {
      return fail(ErrorCode::kBusy, std::string("start a thread: ") + error.what());
    }
    return ok();
  }
  ~PeriodicThread() {
    {
      const std::lock_guard guard(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }
  PeriodicThread(const PeriodicThread&) = delete;
  PeriodicThread& operator=(const PeriodicThread&) = delete;

  void call() {
    {
      const std::lock_guard guard(mutex_);
      called_ = true;
    }
    changed_.notify_all();
  }

 private:
  void run() {
    std::unique_lock guard(mutex_);
    while (!stopping_) {
      called_ = false;
      guard.unlock();
      work_once();
      guard.lock();
      changed_.wait_for(guard, every_, [this] { return called_ || stopping_; });
    }
  }

  // Out of memory, for example: this turn is lost, the service and the next turn are not.
  void work_once() {
    try {
      work_();
    } catch (const std::exception& error) {
      log_error(std::string("a turn of work was given up: ") + error.what());
    }
  }

  std::chrono::milliseconds every_;
  std::function<void()> work_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool called_ = false, stopping_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace rootlet::platform
