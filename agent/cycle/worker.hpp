// The daemon's one thread for cycles: polls in its own time, and at once when somebody asks.
// Callers of sync() join one cycle and see its progress; the cycle never waits for a caller.
#pragma once

#include <condition_variable>
#include <list>
#include <random>
#include <thread>

#include "agent/cycle/scheduler.hpp"

namespace rootlet::agent {

// When the next cycle is due. Pure.
struct Cadence {
  std::chrono::milliseconds poll{60'000};
  // After success: the poll interval, up to a tenth sooner or later, so that offices do not come
  // in step. After failure: growing pauses, never below what the server asked for.
  std::chrono::milliseconds wait_after(const std::optional<Error>& error, int failures,
                                       double random) const;
  // Right after the machine has started, as when the power comes back everywhere at once: somewhere
  // within the first poll interval. Else none.
  std::chrono::milliseconds wait_at_start(std::chrono::milliseconds since_boot,
                                          double random) const;
};

class CycleWorker final : public CycleScheduler {
 public:
  explicit CycleWorker(const AgentContext& context);
  ~CycleWorker() override;

  void start();
  // Ends the cycle under way, answers all who wait, and joins the thread.
  void stop();
  bool stopping() const { return cycle_.stopping(); }

  Result<json::object> sync(const CycleRequest& request, AnswerSink& sink) override;
  void nudge() override;

 private:
  struct Ticket {
    CycleRequest request;
    bool taken = false, done = false;
    std::uint64_t progress_number = 0;
    json::object progress;
    json::object report;
    std::optional<Error> error;
  };
  void loop();
  void run_one();
  bool wait_for_work(std::chrono::milliseconds wait);
  void tell(const SyncProgress& progress);
  double random();

  const AgentContext* context_;
  Cadence cadence_;
  Cycle cycle_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Ticket*> tickets_;  // owned by the threads that wait; guarded by mutex_
  bool nudged_ = false;
  std::optional<Error> last_error_;
  int failures_ = 0;
  std::mt19937_64 generator_{std::random_device{}()};
};

// A cycle in this very process, for commands that found no daemon.
class InlineScheduler final : public CycleScheduler {
 public:
  explicit InlineScheduler(const AgentContext& context) : cycle_(context) {}
  Result<json::object> sync(const CycleRequest& request, AnswerSink& sink) override;
  void nudge() override {}

 private:
  Cycle cycle_;
};

// The answer to a caller: the report, or the error with the report's figures lost.
Result<json::object> answer_of(const json::object& report, const std::optional<Error>& error);

}  // namespace rootlet::agent
