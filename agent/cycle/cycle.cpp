// The steps of one sync cycle and its report, which `rootlet status` shows.
#include "agent/cycle/cycle.hpp"

#include <algorithm>
#include <cmath>

#include "agent/anchor/home_anchor.hpp"
#include "agent/care/damage.hpp"
#include "agent/care/page_check.hpp"
#include "agent/channel/answer.hpp"
#include "agent/cycle/cycle_host.hpp"
#include "agent/cycle/older_source.hpp"
#include "agent/cycle/seen_directories.hpp"
#include "agent/cycle/sync_state.hpp"
#include "agent/office/disk_reserve.hpp"
#include "agent/office/enroll.hpp"
#include "agent/reports/disposal.hpp"
#include "agent/reports/fork_report.hpp"
#include "agent/reports/loss_report.hpp"
#include "agent/sheets/sync_sheets.hpp"
#include "core/log.hpp"
#include "sync/downlink/sync.hpp"

namespace rootlet::agent {
namespace {

constexpr std::string_view kMailReadFact = "mail_read";
constexpr std::chrono::hours kQuietMailbox{1};  // between two reads when no answer is awaited

// The trusted clock behind the Clock interface, for sync/.
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

// Read the mailbox even if sending failed, unless nobody answers or the gateway asks for patience.
bool may_still_read(const Status& sent, const PushReport& report) {
  if (sent.has_value() || sent.error().code != ErrorCode::kUnreachable) return true;
  return report.is_answered && sent.error().retry_after_seconds == 0;
}

// Erased values may lie in the outbox's write-ahead log until it is empty. This runs in every
// cycle, so a log that a reader keeps busy now is emptied by a later one.
Status empty_log(Outbox& outbox) {
  const Status emptied = outbox.empty_log();
  const bool waits = emptied.has_error() && emptied.error().code == ErrorCode::kBusy;
  if (waits) log_warning("outbox.db: erased values wait to be overwritten: a reader is busy");
  return waits ? ok() : emptied;
}

Status send_and_read(Office& office, UplinkTransport& transport, bool try_every_size,
                     PushReport& report) {
  ROOTLET_TRY(Outbox outbox, office.open_outbox());
  const UnixTime now = office.time().now;
  UplinkIdentity identity = office.uplink_identity();
  ROOTLET_TRY(identity.seen, note_seen_directory(office));
  if (try_every_size) {
    ROOTLET_TRY(outbox.forget_link_limit());
  }
  const Status sent = push_batches(outbox, identity, transport, now, report);
  ROOTLET_TRY(remember_outbox(office.keys(), outbox, now));
  if (report.records_sealed > 0) {
    ROOTLET_TRY(forget_seen_directories(office, identity.seen));
  }
  if (!may_still_read(sent, report)) return sent;
  ROOTLET_TRY(const bool due, mailbox_is_due(office, outbox));
  if (due) {
    ROOTLET_TRY(read_mailbox(outbox, identity, transport, report, office.time().floor));
    ROOTLET_TRY(remember_outbox(office.keys(), outbox, now));
    ROOTLET_TRY(office.keys().save_fact(kMailReadFact, as_bytes(format_time(now))));
  }
  return sent;
}

// After the sync, because contact renews a lease. Also without a link.
Status erase_what_ended(Office& office, std::vector<std::string>& erased) {
  ROOTLET_TRY(erased, CycleHost(office).erase_ended());
  ROOTLET_TRY(Outbox outbox, office.open_outbox());
  ROOTLET_TRY(outbox.erase_expired(office.time().certain));
  return empty_log(outbox);
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

json::array forks_json(const std::vector<RealmFork>& forks) {
  json::array out;
  for (const RealmFork& fork : forks) {
    out.push_back(json::object{{"stream", fork.stream.text()}, {"version", fork.version}});
  }
  return out;
}

void add_to(PushReport& sum, const PushReport& more) {
  sum.records_sealed += more.records_sealed;
  sum.batches_sent += more.batches_sent;
  sum.batches_resent += more.batches_resent;
  sum.lines_quarantined += more.lines_quarantined;
  sum.batches_refused += more.batches_refused;
  sum.mail += more.mail;
  sum.accepted += more.accepted;
  sum.returned += more.returned;
}

void add_to(Traffic& sum, const Traffic& more) {
  sum.bytes_down += more.bytes_down;
  sum.bytes_up += more.bytes_up;
  sum.requests += more.requests;
}

// A link that the settings hold back does not crawl, even while records take their share of it.
CrawlRule crawl_rule(std::uint64_t limit_rate) {
  CrawlRule rule;
  if (limit_rate > 0) rule.bytes_per_second = std::min(rule.bytes_per_second, limit_rate / 4);
  return rule;
}

// Damage of a cache is noted and the sync repairs it; anything else is an error of the cycle.
void check_some_pages(Office& office, bool is_asked, std::optional<Error>& error) {
  const Result<std::vector<PageCheck>> checks =
      is_asked ? check_pages(office, kPagesAtOnce) : check_pages_hourly(office);
  if (checks.has_error()) return keep_worse(error, within("read pages", checks.error()));
  for (const PageCheck& check : checks.value()) {
    if (check.trouble && !check.is_cache) keep_worse(error, *check.trouble);
  }
}

// Which caches are damaged and still wait to be fetched again.
Result<std::vector<std::string>> waiting_caches(Office& office) {
  ROOTLET_TRY(const std::vector<DamageNote> notes, damage_notes(office.keys()));
  std::vector<std::string> out;
  for (const DamageNote& note : notes) out.push_back(note.cache);
  return out;
}

struct CycleFacts {
  UnixTime at{};
  SyncReport pulled;
  PushReport pushed;
  Traffic traffic;
  double seconds = 0;
  std::vector<std::string> erased;
  std::vector<std::string> damaged;  // caches that still wait to be fetched again
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
                   {"older_source", facts.pulled.is_older_source},
                   {"sealed", facts.pushed.records_sealed},
                   {"batches", facts.pushed.batches_sent},
                   {"accepted", facts.pushed.accepted},
                   {"returned", facts.pushed.returned},
                   {"refused_for_size", facts.pushed.batches_refused},
                   {"held_back", held_back_json(facts.pulled.held_back)},
                   {"troubles", troubles_json(facts.pulled)},
                   {"forks", forks_json(facts.pulled.forks)}};
  json::array dropped(facts.erased.begin(), facts.erased.end());
  for (const std::string& id : facts.pulled.dropped_datasets) {
    dropped.push_back(json::string(id));
  }
  out["erased"] = std::move(dropped);
  out["rebuilt"] = json_texts(facts.pulled.rebuilt);
  out["damaged"] = json_texts(facts.damaged);
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

// An open link that stop() reaches.
class Cycle::OpenLink {
 public:
  OpenLink(Cycle& cycle, const Office& office) : cycle_(cycle), transport_(cycle.connect(office)) {
    const std::lock_guard guard(cycle_.mutex_);
    cycle_.links_.push_back(transport_.get());
    if (cycle_.stopping_) transport_->stop();
  }
  ~OpenLink() {
    const std::lock_guard guard(cycle_.mutex_);
    std::erase(cycle_.links_, transport_.get());
  }
  OpenLink(const OpenLink&) = delete;
  OpenLink& operator=(const OpenLink&) = delete;
  HttpTransport& operator*() const { return *transport_; }

 private:
  Cycle& cycle_;
  const std::unique_ptr<HttpTransport> transport_;
};

void Cycle::stop() {
  stopping_ = true;
  const std::lock_guard guard(mutex_);
  for (HttpTransport* link : links_) link->stop();
}

bool Cycle::nudge() {
  const std::lock_guard guard(mutex_);
  if (beside_ == nullptr) return false;
  beside_->nudge();
  return true;
}

void Cycle::set_beside(UplinkBeside* beside) {
  const std::lock_guard guard(mutex_);
  beside_ = beside;
}

Cycle::Sent Cycle::push_records(Office& office, HttpTransport& client, bool try_every_size) {
  Sent sent;
  HttpUplink transport(client, gateway_url(context_->settings, office.identity().invitation));
  const Status pushed = send_and_read(office, transport, try_every_size, sent.report);
  if (pushed.has_error()) sent.error = within("send records", pushed.error());
  return sent;
}

// On the other thread, with files and a connection of its own.
Cycle::Sent Cycle::send_beside() {
  Result<Office> office = Office::open_enrolled(*context_);
  if (office.has_error()) return {.report = {}, .traffic = {}, .error = office.error()};
  const OpenLink link(*this, office.value());
  Sent sent = push_records(office.value(), *link, false);
  sent.traffic = (*link).traffic();
  return sent;
}

SyncReport Cycle::pull_beside_records(Office& office, HttpTransport& client,
                                      const CycleRequest& request, const LinkUse& use,
                                      const ProgressSink& on_progress, Sent& sent) {
  UplinkBeside beside(
      [&] {
        const bool must_wait = sent.error && sent.error->retry_after_seconds > 0;
        if (stopping_ || must_wait) return;
        const Sent more = send_beside();
        add_to(sent.report, more.report);
        add_to(sent.traffic, more.traffic);
        if (more.error) keep_worse(sent.error, *more.error);
      },
      context_->settings.poll);
  set_beside(&beside);
  SyncReport report = pull(office, client, request, use, on_progress);
  set_beside(nullptr);
  return report;
}

// A machine that reported itself lost gets no data at all.
DownloadGate Cycle::gate_of(Office& office, const CycleRequest& request,
                            const HttpTransport& client, const LinkUse& use) const {
  const DownloadGate habits = gate_of_settings(request, client, use);
  return [&office, habits](std::uint64_t bytes) -> std::optional<HoldReason> {
    const Result<bool> lost = office.is_reported_lost();
    if (lost.has_error() || lost.value()) return HoldReason::kLost;
    return habits ? habits(bytes) : std::nullopt;
  };
}

// Hours and budget limit the link only: files that a person carries are always applied.
DownloadGate Cycle::gate_of_settings(const CycleRequest& request, const HttpTransport& client,
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

// The gateway always has the files too; a bucket that the platform named may be out of order, or
// left.
SyncReport Cycle::pull(Office& office, HttpTransport& client, const CycleRequest& request,
                       const LinkUse& use, const ProgressSink& on_progress) {
  const Invitation& invitation = office.identity().invitation;
  if (!request.from.empty()) {
    return pull_from(request.from, office, client, request, use, on_progress);
  }
  const std::string place = repository_address(context_->settings, invitation, office.home());
  const std::string gateway = gateway_url(context_->settings, invitation);
  SyncReport report = pull_from(place, office, client, request, use, on_progress);
  const bool is_own_choice = !context_->settings.repository_url.empty();
  if (is_own_choice || place == gateway || stopping_) return report;
  if (report.packs > 0 || !report.error) return report;
  const ErrorCode code = report.error->code;
  if (code != ErrorCode::kUnreachable && code != ErrorCode::kUntrusted) return report;
  log_warning("sync: " + report.error->message + "; the gateway is asked instead");
  return pull_from(gateway, office, client, request, use, on_progress);
}

SyncReport Cycle::pull_from(const std::string& place, Office& office, HttpTransport& client,
                            const CycleRequest& request, const LinkUse& use,
                            const ProgressSink& on_progress) {
  SyncReport report;
  const std::string& from = request.from;
  const Result<std::string> base = repository_url(place);
  if (base.has_error()) {
    report.error = fail(ErrorCode::kUsage, base.error().message);
    return report;
  }
  HttpFileSource source(client, base.value());
  if (!from.empty() && is_older_source(source, office)) {
    report.is_older_source = true;
    return report;
  }
  const ProvenClock clock(office, *context_->clock);
  CycleHost host(office);
  const Identity& identity = office.identity();
  double rate = from.empty() ? use.bytes_per_second : 0;
  const auto limit = static_cast<double>(context_->settings.limit_rate);
  if (rate > 0 && limit > 0) rate = std::min(rate, limit);
  DownSync down({.trust_folder = office.home().trust(),
                 .staging_folder = office.home().staging(),
                 .gate = gate_of(office, request, client, use),
                 .bytes_per_second = rate,
                 .crawl = crawl_rule(context_->settings.limit_rate)},
                {.office = identity.invitation.office_id,
                 .division = identity.invitation.office_division,
                 .realm = identity.invitation.realm_id,
                 .grant_token = grant_token(identity.signing.public_key),
                 .sealing_key = &identity.sealing,
                 .directory_keys = &identity.invitation.directory_keys},
                host, source, clock);
  return down.run(on_progress, [this] { return stopping_.load(); });
}

// What this cycle itself has to say is not left for the next one.
void Cycle::send_more(Office& office, HttpTransport& client, Sent& sent,
                      std::optional<Error>& error) {
  const Sent more = push_records(office, client, false);
  add_to(sent.report, more.report);
  if (more.error) keep_worse(error, *more.error);
}

Result<CycleResult> Cycle::run_enrolled(const CycleRequest& request,
                                        const ProgressSink& on_progress) {
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  CycleFacts facts;
  facts.at = office.time().now;
  const auto began = context_->clock->since_boot();
  ROOTLET_TRY(CycleHost(office).remove_leftovers());
  check_some_pages(office, request.is_asked, facts.error);
  ROOTLET_TRY(LinkUse use, load_link_use(office.keys(), facts.at));
  const OpenLink link(*this, office);
  HttpTransport& client = *link;
  Sent sent;
  ROOTLET_TRY(file_loss(office));
  const bool may_send =
      request.from.empty() && office.identity().state == EnrolmentState::kEnrolled;
  ROOTLET_TRY(const bool rebuilt, rebuild_trust(office.home(), office.identity()));
  if (rebuilt) log_warning("sync: trust/ was missing or damaged; it begins with the kept root");
  if (may_send) {
    const ServiceKeys before = office.identity().service_keys;
    sent = push_records(office, client, request.fetch_now);
    facts.pulled = pull_beside_records(office, client, request, use, on_progress, sent);
    // An answer under a new key of the platform, which the sync has brought since.
    const bool is_refused = sent.error && sent.error->code == ErrorCode::kUntrusted;
    if (is_refused && !(office.identity().service_keys == before)) {
      sent.error.reset();
      send_more(office, client, sent, facts.error);
    }
  } else {
    facts.pulled = pull(office, client, request, use, on_progress);
  }
  const Status noted = keep_sheet(office, facts.pulled, facts.at);
  if (noted.has_error()) keep_worse(facts.error, within("keep a sheet", noted.error()));
  const Status reported = report_forks(office, facts.pulled.forks);
  if (reported.has_error()) keep_worse(facts.error, within("report a fork", reported.error()));
  if (sent.error) keep_worse(facts.error, *sent.error);
  if (facts.pulled.error) keep_worse(facts.error, *facts.pulled.error);
  const Status ended = erase_what_ended(office, facts.erased);
  if (ended.has_error()) keep_worse(facts.error, within("erase", ended.error()));
  const Status erased = office.keys().finish_erasures();
  if (erased.has_error()) keep_worse(facts.error, within("erase keys", erased.error()));
  const Result<std::size_t> certificates = file_certificates(office);
  if (certificates.has_error()) {
    keep_worse(facts.error, within("certify an erasure", certificates.error()));
  } else if (may_send && certificates.value() > 0) {
    send_more(office, client, sent, facts.error);
  }
  facts.pushed = sent.report;
  facts.traffic = client.traffic();
  add_to(facts.traffic, sent.traffic);
  if (request.from.empty()) {
    add_traffic(use, facts.at, facts.traffic.bytes_down, facts.traffic.bytes_up);
    learn_rate(use, facts.pulled.data_bytes, facts.pulled.data_seconds);
    ROOTLET_TRY(save_link_use(office.keys(), use));
  }
  ROOTLET_TRY(facts.damaged, waiting_caches(office));
  facts.seconds = std::chrono::duration<double>(context_->clock->since_boot() - began).count();
  CycleResult result{report_json(facts), facts.error};
  ROOTLET_TRY(save_report(office.keys(), kLastSync, result.report));
  if (changed_anything(facts)) {
    ROOTLET_TRY(save_report(office.keys(), kLastChange, result.report));
  }
  const Status anchored = keep_anchor(office, office.was_heard());
  if (anchored.has_error()) log_warning("anchor: " + anchored.error().message);
  ROOTLET_TRY(office.save_clock());
  return result;
}

CycleResult Cycle::run(const CycleRequest& request, const ProgressSink& on_progress) {
  if (stopping_) return {{}, fail(ErrorCode::kUnreachable, "the agent is stopping")};
  Result<CycleResult> result = run_enrolled(request, on_progress);
  // Records go up on a full disk too; downloads look for space first.
  const bool full = result.has_error() && result.error().code == ErrorCode::kStorageFull;
  if (full && release_disk_reserve(context_->home)) result = run_enrolled(request, on_progress);
  if (result.has_value()) keep_disk_reserve(context_->home);
  if (result.has_error()) return {{}, result.error()};
  return std::move(result).value();
}

}  // namespace rootlet::agent
