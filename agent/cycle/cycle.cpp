// The steps of one sync cycle and its report, which `rootlet status` shows.
#include "agent/cycle/cycle.hpp"

#include <algorithm>
#include <cmath>

#include "agent/channel/answer.hpp"
#include "agent/cycle/cycle_host.hpp"
#include "agent/cycle/sync_state.hpp"
#include "agent/office/enroll.hpp"
#include "core/log.hpp"
#include "sync/downlink/sync.hpp"

namespace rootlet::agent {
namespace {

constexpr std::string_view kMailReadFact = "mail_read";
constexpr std::chrono::hours kQuietMailbox{1};  // between two reads when no answer is awaited

// The trusted clock behind the Clock interface, so that sync/ decides expiry by trusted time.
class ProvenClock final : public Clock {
 public:
  explicit ProvenClock(const Office& office, const Clock& machine)
      : office_(&office), machine_(&machine) {}
  UnixTime wall() const override { return office_->time().now; }
  std::chrono::milliseconds since_boot() const override { return machine_->since_boot(); }

 private:
  const Office* office_;
  const Clock* machine_;
};

// Read the mailbox while an answer is awaited, and rarely otherwise, so that a poll without news
// costs one request.
Result<bool> mailbox_is_due(Office& office, Outbox& outbox) {
  ROOTLET_TRY(const OutboxCounts counts, outbox.counts());
  if (counts.of(RecordState::kSealed) + counts.of(RecordState::kReceived) > 0) return true;
  ROOTLET_TRY(const std::optional<Bytes> text, office.keys().fact(kMailReadFact));
  if (!text) return true;
  ROOTLET_TRY(const UnixTime last, parse_time(as_text(*text)));
  const UnixTime now = office.time().now;
  return now >= last + kQuietMailbox || now < last;
}

Status send_and_read(Office& office, UplinkTransport& transport, PushReport& report) {
  ROOTLET_TRY(Outbox outbox, office.open_outbox());
  const UnixTime now = office.time().now;
  const UplinkIdentity identity = office.uplink_identity();
  ROOTLET_TRY(outbox.erase_expired(now));
  const Status sent = push_batches(outbox, identity, transport, now, report);
  ROOTLET_TRY(remember_outbox(office.keys(), outbox, now));
  // Read the mailbox even if sending failed, unless the link is down.
  if (sent.has_error() && sent.error().code == ErrorCode::kUnreachable) return sent;
  ROOTLET_TRY(const bool due, mailbox_is_due(office, outbox));
  if (due) {
    ROOTLET_TRY(read_mailbox(outbox, identity, transport, report));
    ROOTLET_TRY(remember_outbox(office.keys(), outbox, now));
    ROOTLET_TRY(office.keys().save_fact(kMailReadFact, as_bytes(format_time(now))));
  }
  return sent;
}

json::array troubles_json(const SyncReport& pulled) {
  json::array out;
  for (const StreamOutcome& stream : pulled.streams) {
    if (!stream.error) continue;
    out.push_back(
        json::object{{"stream", stream.stream.text()}, {"error", to_json(*stream.error)}});
  }
  return out;
}

json::value held_back_json(const std::optional<HeldBack>& held) {
  if (!held) return nullptr;
  return json::object{
      {"reason", name_of(held->reason)}, {"packs", held->packs}, {"bytes", held->bytes}};
}

struct CycleFacts {
  UnixTime at{};
  SyncReport pulled;
  PushReport pushed;
  Traffic traffic;
  double seconds = 0;
  std::vector<std::string> erased;
  std::optional<Error> error;
};

json::object report_json(const CycleFacts& facts) {
  json::object out{{"at", format_time(facts.at)},
                   {"result", facts.error ? name_of(facts.error->code) : "done"},
                   {"bytes_down", facts.traffic.bytes_down},
                   {"bytes_up", facts.traffic.bytes_up},
                   {"requests", facts.traffic.requests},
                   {"packs", facts.pulled.packs},
                   {"rows", facts.pulled.rows},
                   {"seconds", facts.seconds},
                   {"had_news", facts.pulled.had_news},
                   {"sealed", facts.pushed.records_sealed},
                   {"batches", facts.pushed.batches_sent},
                   {"accepted", facts.pushed.accepted},
                   {"returned", facts.pushed.returned},
                   {"held_back", held_back_json(facts.pulled.held_back)},
                   {"troubles", troubles_json(facts.pulled)}};
  json::array dropped(facts.erased.begin(), facts.erased.end());
  for (const std::string& id : facts.pulled.dropped_datasets) {
    dropped.push_back(json::string(id));
  }
  out["erased"] = std::move(dropped);
  if (facts.error) out["error"] = to_json(*facts.error);
  return out;
}

bool changed_anything(const CycleFacts& facts) {
  return facts.pulled.packs > 0 || facts.pulled.rows > 0 ||
         !facts.pulled.dropped_datasets.empty() || !facts.erased.empty();
}

}  // namespace

json::object to_json(const SyncProgress& progress) {
  const double seconds = progress.bytes_per_second > 0
                             ? static_cast<double>(progress.bytes_total) / progress.bytes_per_second
                             : 0;
  return {{"seconds_expected", static_cast<std::int64_t>(std::ceil(seconds))},
          {"phase", name_of(progress.phase)},
          {"stream", progress.stream},
          {"packs_done", progress.packs_done},
          {"packs_total", progress.packs_total},
          {"bytes_done", progress.bytes_done},
          {"bytes_total", progress.bytes_total}};
}

std::unique_ptr<HttpTransport> connect_over_http(const HttpOptions& options) {
  return std::make_unique<HttpClient>(options);
}

Cycle::Cycle(const AgentContext& context, TransportFactory connect)
    : context_(&context), connect_(std::move(connect)) {
  const std::uint64_t rate = context.settings.limit_rate;
  if (rate > 0) rate_ = std::make_shared<RateLimit>(rate);
}

std::unique_ptr<HttpTransport> Cycle::connect(const Office& office) const {
  HttpOptions options = http_options(context_->settings, office.identity().invitation);
  options.rate = rate_;
  return connect_(options);
}

void Cycle::set_client(HttpTransport* client) {
  const std::lock_guard guard(mutex_);
  client_ = client;
  if (client_ != nullptr && stopping_) client_->stop();
}

void Cycle::stop() {
  stopping_ = true;
  const std::lock_guard guard(mutex_);
  if (client_ != nullptr) client_->stop();
}

void Cycle::push_records(Office& office, HttpTransport& client, PushReport& report,
                         std::optional<Error>& error) {
  HttpUplink transport(client, gateway_url(context_->settings, office.identity().invitation));
  const Status pushed = send_and_read(office, transport, report);
  if (pushed.has_error()) keep_worse(error, within("send records", pushed.error()));
}

// Hours and budget limit the link only: files that a person carries are always applied.
DownloadGate Cycle::gate_of(const CycleRequest& request, const HttpTransport& client,
                            const LinkUse& use) const {
  if (!request.from.empty() || request.fetch_now) return {};
  const Settings& settings = context_->settings;
  return [rules = DownloadRules{settings.download_hours, settings.monthly_bytes}, &client, &use,
          clock = context_->clock](std::uint64_t bytes) {
    const Traffic traffic = client.traffic();
    return refuse_download(rules, minute_of_day(clock->wall()),
                           use.month_bytes + traffic.bytes_down + traffic.bytes_up, bytes);
  };
}

SyncReport Cycle::pull(Office& office, HttpTransport& client, const CycleRequest& request,
                       const LinkUse& use, const ProgressSink& on_progress) {
  SyncReport report;
  const std::string& from = request.from;
  const Result<std::string> base = repository_url(
      from.empty() ? repository_address(context_->settings, office.identity().invitation) : from);
  if (base.has_error()) {
    report.error = fail(ErrorCode::kUsage, base.error().message);
    return report;
  }
  HttpFileSource source(client, base.value());
  const ProvenClock clock(office, *context_->clock);
  CycleHost host(office);
  const Identity& identity = office.identity();
  double rate = from.empty() ? use.bytes_per_second : 0;
  const auto limit = static_cast<double>(context_->settings.limit_rate);
  if (rate > 0 && limit > 0) rate = std::min(rate, limit);
  DownSync down({.trust_folder = office.home().trust(),
                 .staging_folder = office.home().staging(),
                 .gate = gate_of(request, client, use),
                 .bytes_per_second = rate},
                {.office = identity.invitation.office_id,
                 .realm = identity.invitation.realm_id,
                 .sealing_key = &identity.sealing,
                 .directory_key = &identity.invitation.directory_key},
                host, source, clock);
  return down.run(on_progress, [this] { return stopping_.load(); });
}

Result<CycleResult> Cycle::run_enrolled(const CycleRequest& request,
                                        const ProgressSink& on_progress) {
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  CycleFacts facts;
  facts.at = office.time().now;
  const auto began = context_->clock->since_boot();
  CycleHost host(office);
  ROOTLET_TRY(facts.erased, host.erase_ended());
  ROOTLET_TRY(host.remove_leftovers());
  ROOTLET_TRY(LinkUse use, load_link_use(office.keys(), facts.at));
  const std::unique_ptr<HttpTransport> link = connect(office);
  HttpTransport& client = *link;
  set_client(&client);
  const bool may_send =
      request.from.empty() && office.identity().state == EnrolmentState::kEnrolled;
  if (may_send) push_records(office, client, facts.pushed, facts.error);
  ROOTLET_TRY(const bool rebuilt, rebuild_trust(office.home(), office.identity()));
  if (rebuilt) log_warning("sync: trust/ was missing or damaged; it begins with the kept root");
  facts.pulled = pull(office, client, request, use, on_progress);
  set_client(nullptr);
  if (facts.pulled.error) keep_worse(facts.error, *facts.pulled.error);
  facts.traffic = client.traffic();
  if (request.from.empty()) {
    use.month_bytes += facts.traffic.bytes_down + facts.traffic.bytes_up;
    learn_rate(use, facts.pulled.data_bytes, facts.pulled.data_seconds);
    ROOTLET_TRY(save_link_use(office.keys(), use));
  }
  facts.seconds = std::chrono::duration<double>(context_->clock->since_boot() - began).count();
  CycleResult result{report_json(facts), facts.error};
  ROOTLET_TRY(save_report(office.keys(), kLastSync, result.report));
  if (changed_anything(facts)) {
    ROOTLET_TRY(save_report(office.keys(), kLastChange, result.report));
  }
  ROOTLET_TRY(office.save_clock());
  return result;
}

CycleResult Cycle::run(const CycleRequest& request, const ProgressSink& on_progress) {
  if (stopping_) return {{}, fail(ErrorCode::kUnreachable, "the agent is stopping")};
  Result<CycleResult> result = run_enrolled(request, on_progress);
  set_client(nullptr);
  if (result.has_error()) return {{}, result.error()};
  return std::move(result).value();
}

}  // namespace rootlet::agent
