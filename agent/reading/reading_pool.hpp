// The reading sessions of one process, and its recorder of uses. A thread takes a session for one
// read and gives it back; sessions and files that nobody needs are closed after a few seconds.
// Thread-safe.
#pragma once

#include <condition_variable>
#include <list>
#include <thread>

#include "agent/reading/reading_session.hpp"

namespace rootlet::agent {

class ReadingPool {
 public:
  // kThread completes groups of look-ups and closes idle files in time, for a daemon; with kNone
  // they wait for the next read or the pool's end, for a single command.
  enum class Upkeep { kThread, kNone };

  ReadingPool(const AgentContext& context, Upkeep upkeep);
  ~ReadingPool();
  ReadingPool(const ReadingPool&) = delete;
  ReadingPool& operator=(const ReadingPool&) = delete;

  // A session that is up to date, for the calling thread.
  class Taken {
   public:
    Taken(ReadingPool& pool, std::unique_ptr<ReadingSession> session)
        : pool_(&pool), session_(std::move(session)) {}
    Taken(Taken&&) noexcept = default;
    Taken& operator=(Taken&&) = delete;
    ~Taken() {
      if (session_ != nullptr) pool_->give_back(std::move(session_));
    }
    ReadingSession& operator*() const { return *session_; }
    ReadingSession* operator->() const { return session_.get(); }

   private:
    ReadingPool* pool_;
    std::unique_ptr<ReadingSession> session_;
  };

  // As Office::open_enrolled().
  Result<Taken> take();
  UseRecorder& recorder() { return recorder_; }

 private:
  using Instant = UseRecorder::Instant;
  struct Idle {
    std::unique_ptr<ReadingSession> session;
    Instant since;
  };
  std::unique_ptr<ReadingSession> take_idle();
  void give_back(std::unique_ptr<ReadingSession> session);
  void wake();
  void keep_up();
  bool keep_up_once(Instant now);

  const AgentContext* context_;
  UseRecorder recorder_;  // outlives the sessions
  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Idle> idle_;  // the one used last at the front
  bool sleeps_ = false, ends_ = false;
  Instant used_{};
  std::thread thread_;
};

}  // namespace rootlet::agent
