// The thread sleeps until a nudge, the interval or the end; a nudge is never lost.
#include "agent/cycle/uplink_beside.hpp"

#include <system_error>

#include "core/log.hpp"

namespace rootlet::agent {

UplinkBeside::UplinkBeside(std::function<void()> round, std::chrono::milliseconds interval)
    : round_(std::move(round)), interval_(interval) {
  try {
    thread_ = std::thread([this] { loop(); });
  } catch (const std::system_error&) {  // no more threads: records wait for the end of the download
    log_warning("no thread is left to send records beside a download");
  }
}

UplinkBeside::~UplinkBeside() {
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  } else if (nudged_) {
    round_();
  }
}

void UplinkBeside::nudge() {
  const std::lock_guard guard(mutex_);
  nudged_ = true;
  changed_.notify_all();
}

void UplinkBeside::loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait_for(lock, interval_, [this] { return nudged_ || stopping_; });
    if (stopping_ && !nudged_) return;
    nudged_ = false;
    lock.unlock();
    round_();
    lock.lock();
  }
}

}  // namespace rootlet::agent
