// Keeps a few sessions open, the one used last first, and closes them from a thread of its own.
#include "agent/reading/reading_pool.hpp"

#include <malloc.h>

#include "core/local_limits.hpp"

namespace rootlet::agent {
namespace {

constexpr std::chrono::milliseconds kTick{250};

}  // namespace

ReadingPool::ReadingPool(const AgentContext& context, Upkeep upkeep)
    : context_(&context), recorder_(context) {
  if (upkeep == Upkeep::kThread) thread_ = std::thread([this] { keep_up(); });
}

ReadingPool::~ReadingPool() {
  {
    const std::lock_guard guard(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::unique_ptr<ReadingSession> ReadingPool::take_idle() {
  const std::lock_guard guard(mutex_);
  if (idle_.empty()) return nullptr;
  std::unique_ptr<ReadingSession> session = std::move(idle_.front().session);
  idle_.pop_front();
  return session;
}

Result<ReadingPool::Taken> ReadingPool::take() {
  wake();
  while (std::unique_ptr<ReadingSession> session = take_idle()) {
    const Result<bool> usable = session->refresh();
    if (usable.has_value() && usable.value()) return Taken(*this, std::move(session));
    // Whatever is wrong, opening anew finds it, or finds that it is over.
  }
  ROOTLET_TRY(std::unique_ptr<ReadingSession> session, ReadingSession::open(*context_, recorder_));
  return Taken(*this, std::move(session));
}

void ReadingPool::give_back(std::unique_ptr<ReadingSession> session) {
  const Instant now = std::chrono::steady_clock::now();
  const std::lock_guard guard(mutex_);
  used_ = now;
  if (idle_.size() < limits::kIdleSessions) idle_.push_front({std::move(session), now});
}

void ReadingPool::wake() {
  const std::lock_guard guard(mutex_);
  used_ = std::chrono::steady_clock::now();
  if (std::exchange(sleeps_, false)) changed_.notify_all();
}

// True if nothing is left to do until the next read.
bool ReadingPool::keep_up_once(Instant now) {
  recorder_.complete_due(now);
  std::list<Idle> closed;  // outside the lock
  const std::lock_guard guard(mutex_);
  for (auto at = idle_.begin(); at != idle_.end();) {
    const auto here = at++;
    if (now - here->since >= limits::kSessionIdleTime) closed.splice(closed.end(), idle_, here);
  }
  return idle_.empty() && now - used_ >= limits::kSessionIdleTime && !recorder_.has_groups();
}

void ReadingPool::keep_up() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (sleeps_) {
        changed_.wait(lock, [this] { return ends_ || !sleeps_; });
      } else {
        changed_.wait_for(lock, kTick, [this] { return ends_; });
      }
      if (ends_) return;
    }
    if (!keep_up_once(std::chrono::steady_clock::now())) continue;
    recorder_.close_files();
    ::malloc_trim(0);
    const std::lock_guard guard(mutex_);
    sleeps_ = std::chrono::steady_clock::now() - used_ >= limits::kSessionIdleTime;
  }
}

}  // namespace rootlet::agent
