// Requests that arrive during a copy become one more copy.
#include "sync/downlink/apply/wal_copier.hpp"

#include <system_error>
#include <utility>

namespace rootlet {

std::unique_ptr<WalCopier> WalCopier::start(Database connection) {
  std::unique_ptr<WalCopier> copier(new WalCopier(std::move(connection)));
  try {
    copier->thread_ = std::thread([&self = *copier] { self.work(); });
  } catch (const std::system_error&) {
    return nullptr;
  }
  return copier;
}

WalCopier::~WalCopier() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void WalCopier::request() {
  const std::lock_guard lock(mutex_);
  is_wanted_ = true;
  changed_.notify_all();
}

Status WalCopier::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !is_wanted_ && !is_copying_; });
  return copied_;
}

void WalCopier::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return is_wanted_ || ends_; });
    if (ends_) return;
    is_wanted_ = false;
    is_copying_ = true;
    lock.unlock();
    Status copied = connection_.copy_wal();
    lock.lock();
    is_copying_ = false;
    if (copied_.has_value()) copied_ = std::move(copied);
    changed_.notify_all();
  }
}

}  // namespace rootlet
