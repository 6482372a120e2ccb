// One sync cycle: erases datasets whose lease has ended, sends records, reads the mailbox, then
// downloads and applies published changes. The only place that decides which error of a cycle
// matters most. Saves its report for `status`.
// Run one cycle at a time; stop() may be called from another thread.
#pragma once

#include <mutex>

#include "agent/cycle/link_use.hpp"
#include "agent/office/office.hpp"
#include "sync/downlink/sync_session.hpp"
#include "sync/uplink/outbox/push.hpp"
#include "sync/wire/client/http.hpp"

namespace rootlet::agent {

struct CycleResult {
  json::object report;         // as in status: last_sync
  std::optional<Error> error;  // the most serious one; the steps it did not concern have run
};

struct CycleRequest {
  std::string from;        // empty, or a folder or URL to take published files from
  bool fetch_now = false;  // ignore download hours and budget
  bool operator==(const CycleRequest&) const = default;
};

class Cycle {
 public:
  explicit Cycle(const AgentContext& context) : context_(&context) {}

  // With `request.from`, sends nothing and ignores download hours and budget.
  CycleResult run(const CycleRequest& request, const ProgressSink& on_progress);

  // Cancels the running cycle; every later run() fails with kUnreachable.
  void stop();
  bool stopping() const { return stopping_; }

 private:
  Result<CycleResult> run_enrolled(const CycleRequest& request, const ProgressSink& on_progress);
  void push_records(Office& office, HttpClient& client, PushReport& report,
                    std::optional<Error>& error);
  SyncReport pull(Office& office, HttpClient& client, const CycleRequest& request,
                  const LinkUse& use, const ProgressSink& on_progress);
  DownloadGate gate_of(const CycleRequest& request, const HttpClient& client,
                       const LinkUse& use) const;
  void set_client(HttpClient* client);

  const AgentContext* context_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  HttpClient* client_ = nullptr;  // of the running cycle; guarded by mutex_
};

json::object to_json(const SyncProgress& progress);

}  // namespace rootlet::agent
