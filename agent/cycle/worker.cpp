// The loop of the cycle thread: wait for the poll interval, a ticket or a nudge; run; answer.
#include "agent/cycle/worker.hpp"

#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>

#include "core/log.hpp"
#include "sync/wire/client/retry.hpp"

namespace rootlet::agent {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds kFirstRetry{5'000};
constexpr milliseconds kLongestRetry{300'000};
constexpr milliseconds kFreshBoot{600'000};
constexpr milliseconds kWidestStart{60'000};
constexpr milliseconds kLookForCaller{1'000};
constexpr int kNiceness = 10;

milliseconds scaled(milliseconds time, double factor) {
  return milliseconds(static_cast<std::int64_t>(static_cast<double>(time.count()) * factor));
}

// A clerk waits for a search, nobody for a pack: this thread, and the threads that it starts, run
// on what the readers leave. In Linux process 0 is the calling thread.
void yield_to_readers() {
  if (::setpriority(PRIO_PROCESS, 0, kNiceness) != 0) log_info("sync: runs at usual priority");
}

}  // namespace

milliseconds Cadence::wait_after(const std::optional<Error>& error, int failures,
                                 double random) const {
  if (!error) return scaled(poll, 0.9 + 0.2 * random);
  const milliseconds cap = std::max(poll, std::min(poll * 8, kLongestRetry));
  return retry_delay(failures, std::min(poll, kFirstRetry), cap, error->retry_after_seconds,
                     random);
}

milliseconds Cadence::wait_at_start(milliseconds since_boot, double random) const {
  if (since_boot > kFreshBoot) return milliseconds(0);
  return scaled(std::min(poll, kWidestStart), random);
}

Result<json::object> answer_of(const json::object& report, const std::optional<Error>& error) {
  if (error) return *error;
  return report;
}

CycleWorker::CycleWorker(const AgentContext& context)
    : context_(&context), cadence_{.poll = context.settings.poll}, cycle_(context) {}

CycleWorker::~CycleWorker() {
  stop();
}

void CycleWorker::start() {
  thread_ = std::thread([this] { loop(); });
}

void CycleWorker::stop() {
  cycle_.stop();
  {
    const std::lock_guard guard(mutex_);
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

double CycleWorker::random() {
  return std::uniform_real_distribution<double>(0, 1)(generator_);
}

void CycleWorker::loop() {
  yield_to_readers();
  milliseconds wait = cadence_.wait_at_start(context_->clock->since_boot(), random());
  while (wait_for_work(wait)) {
    run_one();
    ::malloc_trim(0);
    wait = cadence_.wait_after(last_error_, failures_, random());
    // There is nothing to poll for before enrolment; `enroll` nudges.
    if (last_error_ && last_error_->code == ErrorCode::kNotEnrolled) wait = std::chrono::hours(24);
  }
  const std::lock_guard guard(mutex_);
  for (Ticket* ticket : tickets_) {
    ticket->error = fail(ErrorCode::kUnreachable, "the agent is stopping");
    ticket->done = true;
  }
  tickets_.clear();
  changed_.notify_all();
}

bool CycleWorker::wait_for_work(milliseconds wait) {
  std::unique_lock lock(mutex_);
  // While the link is down, or the server asked for patience, saving records must not cause extra
  // attempts.
  const bool heed_nudge = !last_error_ || (last_error_->code != ErrorCode::kUnreachable &&
                                           last_error_->retry_after_seconds == 0);
  changed_.wait_for(lock, wait, [&] {
    return cycle_.stopping() || !tickets_.empty() || (nudged_ && heed_nudge);
  });
  nudged_ = false;
  return !cycle_.stopping();
}

void CycleWorker::run_one() {
  CycleRequest request;
  {
    const std::lock_guard guard(mutex_);
    if (!tickets_.empty()) request = tickets_.front()->request;
    for (Ticket* ticket : tickets_) ticket->taken = ticket->request == request;
    running_ = json::object();
  }
  CycleResult result =
      cycle_.run(request, [this](const SyncProgress& progress) { tell(progress); });
  last_error_ = result.error;
  failures_ = result.error ? failures_ + 1 : 0;
  if (result.error && !cycle_.stopping() && result.error->code != ErrorCode::kNotEnrolled) {
    log_warning("sync: " + result.error->message);
  }
  const std::lock_guard guard(mutex_);
  running_.reset();
  for (auto at = tickets_.begin(); at != tickets_.end();) {
    Ticket* ticket = *at;
    if (!ticket->taken) {
      ++at;
      continue;
    }
    ticket->report = result.report;
    ticket->error = result.error;
    ticket->done = true;
    at = tickets_.erase(at);
  }
  changed_.notify_all();
}

void CycleWorker::tell(const SyncProgress& progress) {
  const std::lock_guard guard(mutex_);
  running_ = to_json(progress);
  bool anybody = false;
  for (Ticket* ticket : tickets_) {
    if (!ticket->taken) continue;
    ticket->progress = *running_;
    ++ticket->progress_number;
    anybody = true;
  }
  if (anybody) changed_.notify_all();
}

Result<json::object> CycleWorker::sync(const CycleRequest& request, AnswerSink& sink) {
  Ticket ticket;
  ticket.request = request;
  std::unique_lock lock(mutex_);
  if (cycle_.stopping()) return fail(ErrorCode::kUnreachable, "the agent is stopping");
  tickets_.push_back(&ticket);
  changed_.notify_all();
  std::uint64_t told = 0;
  while (!ticket.done) {
    changed_.wait_for(lock, kLookForCaller,
                      [&] { return ticket.done || ticket.progress_number != told; });
    if (ticket.done) break;
    const bool has_news = ticket.progress_number != told;
    told = ticket.progress_number;
    const json::object progress = ticket.progress;
    lock.unlock();
    const bool gone = sink.is_gone() || (has_news && sink.progress(progress).has_error());
    lock.lock();
    if (!gone || ticket.done) continue;
    // Nobody waits any more: gives the place up. A cycle that has begun continues.
    tickets_.remove(&ticket);
    return fail(ErrorCode::kUnreachable, "the caller has left");
  }
  return answer_of(ticket.report, ticket.error);
}

std::optional<json::object> CycleWorker::running() const {
  const std::lock_guard guard(mutex_);
  return running_;
}

void CycleWorker::nudge() {
  if (cycle_.nudge()) return;
  const std::lock_guard guard(mutex_);
  nudged_ = true;
  changed_.notify_all();
}

Result<json::object> InlineScheduler::sync(const CycleRequest& request, AnswerSink& sink) {
  const CycleResult result = cycle_.run(request, [&](const SyncProgress& progress) {
    static_cast<void>(sink.progress(to_json(progress)));
  });
  return answer_of(result.report, result.error);
}

}  // namespace rootlet::agent
