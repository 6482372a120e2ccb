// The daemon's one cycle thread. It runs a cycle at each poll interval, and at once on request.
// Threads that call sync() share one cycle and see its progress; the cycle never waits for them,
// and one whose caller has left gives up within a second.
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
  // After success: the poll interval, give or take a tenth, so that offices do not poll in step.
  // After failure: exponential back-off, and never earlier than the server's Retry-After, which is
  // obeyed up to a day.
  // `random` is uniform in [0, 1).
  std::chrono::milliseconds wait_after(const std::optional<Error>& error, int failures,
                                       double random) const;
  // Soon after boot: a random part of the poll interval, because power may have come back at every
  // office at once. Otherwise zero.
  std::chrono::milliseconds wait_at_start(std::chrono::milliseconds since_boot,
                                          double random) const;
};

class CycleWorker final : public CycleScheduler {
 public:
  explicit CycleWorker(const AgentContext& context);
  ~CycleWorker() override;

  void start();
  // Cancels the running cycle, answers all waiting threads, and joins the cycle thread.
  void stop();
  bool stopping() const { return cycle_.stopping(); }

  Result<json::object> sync(const CycleRequest& request, AnswerSink& sink) override;
  void nudge() override;
  std::optional<json::object> running() const override;

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
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Ticket*> tickets_;  // on the stacks of waiting threads; guarded by mutex_
  bool nudged_ = false;
  std::optional<json::object> running_;  // under mutex_
  std::optional<Error> last_error_;
  int failures_ = 0;
  std::mt19937_64 generator_{std::random_device{}()};
};

// Runs cycles on the calling thread, for commands that found no daemon.
class InlineScheduler final : public CycleScheduler {
 public:
  explicit InlineScheduler(const AgentContext& context) : cycle_(context) {}
  Result<json::object> sync(const CycleRequest& request, AnswerSink& sink) override;
  void nudge() override {}

 private:
  Cycle cycle_;
};

// The answer to a sync command: the error if there is one, else the report.
Result<json::object> answer_of(const json::object& report, const std::optional<Error>& error);

}  // namespace rootlet::agent
