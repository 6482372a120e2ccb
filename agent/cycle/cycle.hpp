// One sync cycle: sends records, reads the mailbox, downloads and applies published changes, then
// erases what has ended (docs/time.md); what is saved meanwhile is sent beside the download. The
// only place that decides which error of a cycle matters most. Saves its report for `status`. Run
// one cycle at a time; stop() and nudge() may be called from other threads.
#pragma once

#include <mutex>
#include <vector>

#include "agent/cycle/link_use.hpp"
#include "agent/cycle/uplink_beside.hpp"
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
  bool is_asked = false;   // by a person: also read a part of every file, whatever the hour
  bool operator==(const CycleRequest&) const = default;
};

using TransportFactory = std::function<std::unique_ptr<HttpTransport>(const HttpOptions&)>;
std::unique_ptr<HttpTransport> connect_over_http(const HttpOptions& options);

class Cycle {
 public:
  // `connect` opens the link of each cycle.
  explicit Cycle(const AgentContext& context, TransportFactory connect = connect_over_http);

  // With `request.from`, sends nothing and ignores download hours and budget.
  CycleResult run(const CycleRequest& request, const ProgressSink& on_progress);

  // Records wait. True if a download is running: then they are sent beside it, at once.
  bool nudge();

  // Cancels the running cycle; every later run() fails with kUnreachable.
  void stop();
  bool stopping() const { return stopping_; }

 private:
  // What the sending of records has brought, before and beside the download.
  struct Sent {
    PushReport report;
    Traffic traffic;
    std::optional<Error> error;
  };
  Result<CycleResult> run_enrolled(const CycleRequest& request, const ProgressSink& on_progress);
  Sent push_records(Office& office, HttpTransport& client, bool try_every_size);
  SyncReport pull(Office& office, HttpTransport& client, const CycleRequest& request,
                  const LinkUse& use, const ProgressSink& on_progress);
  SyncReport pull_from(const std::string& place, Office& office, HttpTransport& client,
                       const CycleRequest& request, const LinkUse& use,
                       const ProgressSink& on_progress);
  SyncReport pull_beside_records(Office& office, HttpTransport& client, const CycleRequest& request,
                                 const LinkUse& use, const ProgressSink& on_progress, Sent& sent);
  Sent send_beside();
  void send_more(Office& office, HttpTransport& client, Sent& sent, std::optional<Error>& error);
  void set_beside(UplinkBeside* beside);
  std::unique_ptr<HttpTransport> connect(const Office& office) const;
  DownloadGate gate_of(Office& office, const CycleRequest& request, const HttpTransport& client,
                       const LinkUse& use) const;
  DownloadGate gate_of_settings(const CycleRequest& request, const HttpTransport& client,
                                const LinkUse& use) const;
  class OpenLink;

  const AgentContext* context_;
  TransportFactory connect_;
  std::shared_ptr<RateLimit> rate_;  // of all requests of all cycles; null: not limited
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::vector<HttpTransport*> links_;  // of the running cycle; guarded by mutex_
  UplinkBeside* beside_ = nullptr;     // during a download; guarded by mutex_
};

json::object to_json(const SyncProgress& progress);

}  // namespace rootlet::agent
