// The table of commands, and those about enrolment, sync, status and ledger.
#include "agent/service/service.hpp"

#include <utility>

#include "agent/cycle/link_use.hpp"
#include "agent/ledger/ledger_restart.hpp"
#include "agent/office/disk_reserve.hpp"
#include "agent/office/enroll.hpp"
#include "agent/office/office.hpp"
#include "agent/reports/loss_report.hpp"
#include "agent/service/caller.hpp"
#include "agent/service/doctor.hpp"
#include "agent/service/status.hpp"
#include "agent/sheets/sync_sheets.hpp"
#include "core/limits.hpp"
#include "core/log.hpp"

namespace rootlet::agent {
namespace {

// Lets a command start again as long as it has sent no rows: each head goes out once.
class RestartableSink final : public AnswerSink {
 public:
  explicit RestartableSink(AnswerSink& sink) : sink_(sink) {}
  Status progress(const json::object& progress) override { return sink_.progress(progress); }
  Status head(const json::object& head) override {
    if (heads_again_ > 0) {
      --heads_again_;
      return ok();
    }
    ++heads_;
    return sink_.head(head);
  }
  Status rows(const json::array& rows) override {
    has_sent_rows_ = true;
    return sink_.rows(rows);
  }
  bool is_gone() const override { return sink_.is_gone(); }
  bool has_sent_rows() const { return has_sent_rows_; }
  // The heads that were sent come again, and are dropped.
  void restart() { heads_again_ = heads_; }

 private:
  AnswerSink& sink_;
  std::size_t heads_ = 0, heads_again_ = 0;
  bool has_sent_rows_ = false;
};

}  // namespace

// `ledger-verify` says only whether the ledger is whole, which an operator needs before
// `ledger-restart`.
const Service::Route Service::kRoutes[] = {
    {"check", &Service::check, Role::kClerk},
    {"dataset", &Service::dataset, Roles::all()},
    {"datasets", &Service::datasets, Roles::all()},
    {"doctor", &Service::doctor, Role::kOperator},
    {"draft-list", &Service::draft_list, Role::kClerk},
    {"draft-remove", &Service::draft_remove, Role::kClerk},
    {"draft-save", &Service::draft_save, Role::kClerk},
    {"enroll", &Service::enroll_office, Role::kOperator},
    {"facets", &Service::facets, Role::kClerk},
    {"forms", &Service::forms, Role::kClerk},
    {"ledger-list", &Service::ledger_list, Role::kAuditor},
    {"ledger-restart", &Service::ledger_restart, Role::kOperator},
    {"ledger-verify", &Service::ledger_verify, Roles(Role::kAuditor) | Role::kOperator},
    {"lost", &Service::lost, Roles(Role::kClerk) | Role::kOperator},
    {"outbox-fix", &Service::outbox_fix, Role::kClerk},
    {"outbox-list", &Service::outbox_list, Role::kClerk},
    {"outbox-receipt", &Service::outbox_receipt, Role::kClerk},
    {"outbox-restart", &Service::outbox_restart, Role::kOperator},
    {"outbox-show", &Service::outbox_show, Role::kClerk},
    {"prefill", &Service::prefill, Role::kClerk},
    {"pulse", &Service::pulse, Roles::all()},
    {"query", &Service::query, Role::kClerk},
    {"reveal", &Service::reveal, Role::kClerk},
    {"search", &Service::search, Role::kClerk},
    {"sheets", &Service::list_sheets, Roles::all()},
    {"show", &Service::show, Role::kClerk},
    {"sql", &Service::sql, Role::kClerk},
    {"sql-forget", &Service::sql_forget, Role::kClerk},
    {"sql-save", &Service::sql_save, Role::kClerk},
    {"sql-saved", &Service::sql_saved, Role::kClerk},
    {"sql-schema", &Service::sql_schema, Role::kClerk},
    {"status", &Service::status, Roles::all()},
    {"submit", &Service::submit, Role::kClerk},
    {"submit-check", &Service::submit_check, Role::kClerk},
    {"sync", &Service::sync, Role::kOperator},
    {"traffic", &Service::traffic, Roles::all()},
    {"verify", &Service::verify, Role::kOperator},
    {"view-save", &Service::view_save, Role::kClerk},
    {"view-show", &Service::view_show, Role::kClerk},
    {"watch-add", &Service::watch_add, Role::kClerk},
    {"watch-list", &Service::watch_list, Role::kClerk},
    {"watch-remove", &Service::watch_remove, Role::kClerk},
    {"watch-seen", &Service::watch_seen, Role::kClerk},
    {"watch-show", &Service::watch_show, Role::kClerk},
};

Result<json::object> Service::handle(const json::object& request, const Peer& peer,
                                     AnswerSink& sink) {
  const json::value whole(request);
  ROOTLET_TRY(JsonObject outer, JsonObject::from(whole, "request"));
  ROOTLET_TRY(const std::string command, outer.text("command", limits::kNameBytes));
  ROOTLET_TRY(JsonObject args, outer.object("args"));
  ROOTLET_TRY(outer.finish());
  for (const Route& route : kRoutes) {
    if (route.command != command) continue;
    const Status may = check_roles(peer, command, route.allowed, context_->settings);
    if (may.has_error()) return refuse(route, args, peer, may.error());
    return run_route(route, args, peer, sink);
  }
  return fail(ErrorCode::kUsage, "the agent has no command '" + command + "'");
}

ReadingPool& Service::pool() {
  if (pool_ != nullptr) return *pool_;
  std::call_once(made_pool_, [this] {
    own_pool_ = std::make_unique<ReadingPool>(*context_, ReadingPool::Upkeep::kNone);
  });
  return *own_pool_;
}

Error Service::refuse(const Route& route, JsonObject args, const Peer& peer, Error refusal) {
  const auto named = [&](std::string_view name) {
    const json::value* text = args.find(name);
    const bool usable =
        text != nullptr && text->is_string() && text->get_string().size() <= limits::kNameBytes;
    return usable ? std::string(text->get_string()) : std::string();
  };
  const auto note = [&]() -> Status {
    ROOTLET_TRY(const ReadingPool::Taken session, pool().take());
    return pool().recorder().record_in_group({.at = session->office().time().now,
                                              .uid = peer.uid,
                                              .user = peer.user,
                                              .command = std::string(route.command),
                                              .dataset = named("dataset"),
                                              .purpose = named("purpose"),
                                              .outcome = std::string(name_of(refusal.code))});
  };
  const Status noted = note();
  const bool expected = noted.has_error() && noted.error().code == ErrorCode::kNotEnrolled;
  if (noted.has_error() && !expected) {
    log_warning("ledger: a refusal was not written: " + noted.error().message);
  }
  return refusal;
}

// A sync looks for space itself. No row leaves before its ledger entry is on disk, so a command
// that has sent none can start again.
Result<json::object> Service::run_route(const Route& route, const JsonObject& args,
                                        const Peer& peer, AnswerSink& sink) {
  RestartableSink restartable(sink);
  Call call{args, peer, restartable};
  Result<json::object> result = (this->*route.handler)(call);
  const bool full = result.has_error() && result.error().code == ErrorCode::kStorageFull;
  if (!full || route.handler == &Service::sync || restartable.has_sent_rows()) return result;
  if (!release_disk_reserve(context_->home)) return result;
  restartable.restart();
  Call again{args, peer, restartable};
  return (this->*route.handler)(again);
}

Result<json::object> Service::enroll_office(Call& call) {
  ROOTLET_TRY(const std::string invitation, call.args.text("invitation", limits::kDefinitionBytes));
  ROOTLET_TRY(const bool offline, call.args.boolean("offline"));
  bool accept_loss = false;
  if (call.args.has("accept_loss")) {
    ROOTLET_TRY(accept_loss, call.args.boolean("accept_loss"));
  }
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(const EnrolOutcome outcome,
              enroll(context_->home, context_->settings, invitation,
                     offline ? EnrolMode::kOffline : EnrolMode::kOnline, *context_->clock,
                     accept_loss ? OnLoss::kBeginAnew : OnLoss::kRefuse));
  scheduler_->nudge();
  return json::object{{"office", outcome.office},
                      {"office_name", outcome.office_name},
                      {"realm_name", outcome.realm_name},
                      {"already", outcome.already},
                      {"waits", outcome.waits},
                      {"kept_in", outcome.kept_in},
                      {"request", to_base64(outcome.request)}};
}

Result<json::object> Service::sync(Call& call) {
  CycleRequest request;
  ROOTLET_TRY(request.from, call.args.text("from"));
  ROOTLET_TRY(request.fetch_now, call.args.boolean("now"));
  request.is_asked = true;
  ROOTLET_TRY(call.args.finish());
  return scheduler_->sync(request, call.sink);
}

// Locks, then tells the platform if it can be reached now. That it cannot is no error: the next
// cycle tells it.
Result<json::object> Service::lost(Call& call) {
  ROOTLET_TRY(const std::string reason, call.args.text("reason", kLossReasonBytes));
  ROOTLET_TRY(call.args.finish());
  LossReport loss;
  {
    ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
    ROOTLET_TRY(report_loss(office, reason));
    loss = office.loss();
    const Status filed = file_loss(office);
    if (filed.has_error()) log_warning("report a loss: " + filed.error().message);
    ROOTLET_TRY(pool().recorder().record({.at = office.time().now,
                                          .uid = call.peer.uid,
                                          .user = call.peer.user,
                                          .command = "lost",
                                          .outcome = "done"}));
  }
  static_cast<void>(scheduler_->sync({}, call.sink).has_error());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(Outbox outbox, office.open_outbox());
  const Result<RecordDetail> held = outbox.show(loss.record);
  const std::string state(
      name_of(held.has_value() ? held.value().summary.state : RecordState::kDraft));
  return json::object{{"record", loss.record},
                      {"at", format_time(loss.at)},
                      {"reason", loss.reason},
                      {"locked", true},
                      {"state", held.has_value() ? json::value(state) : json::value()},
                      {"sent", state == "received" || state == "accepted" || state == "returned"}};
}

Result<json::object> Service::status(Call& call) {
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(json::object out, make_status(*context_));
  const std::optional<json::object> running = scheduler_->running();
  out["sync"] = running ? json::value(*running) : json::value();
  return out;
}

// What changes while somebody watches, as counts: cheap, unlike `status`.
Result<json::object> Service::pulse(Call& call) {
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(json::object out, make_pulse(office));
  if (!call.peer.roles.has(Role::kClerk)) return out;
  ROOTLET_TRY(const json::object watches, watch_list(call));
  std::int64_t news = 0;
  for (const json::value& watch : array_at(watches, "watches")) {
    for (const char* kind : {"new", "changed", "vanished"}) {
      news += integer_at(watch.get_object(), kind);
    }
  }
  out["watches"] = json::object{{"news", news}};
  return out;
}

// What each sync brought, the newest first.
Result<json::object> Service::list_sheets(Call& call) {
  ROOTLET_TRY(const std::int64_t most, call.args.integer("most", 1, Outbox::kKeptSheets));
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(json::array list, sheets(office, most));
  return json::object{{"sheets", std::move(list)}};
}

Result<json::object> Service::traffic(Call& call) {
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(const LinkUse use, load_link_use(office.keys(), office.time().now));
  json::array days;
  for (const DayUse& day : use.days) {
    days.push_back(
        json::object{{"day", day.day}, {"bytes_down", day.bytes_down}, {"bytes_up", day.bytes_up}});
  }
  const std::uint64_t budget = context_->settings.monthly_bytes;
  return json::object{{"days", std::move(days)},
                      {"month", use.month},
                      {"month_bytes", use.month_bytes},
                      {"budget_bytes", budget == 0 ? json::value() : json::value(budget)}};
}

Result<json::object> Service::ledger_list(Call& call) {
  ROOTLET_TRY(const std::int64_t limit, call.args.integer("limit", 0, INT32_MAX));
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(Ledger ledger, Ledger::open(office.home(), office.keys()));
  ROOTLET_TRY(const std::vector<LedgerEntry> entries, ledger.list(static_cast<std::size_t>(limit)));
  json::array out;
  for (const LedgerEntry& entry : entries) out.push_back(to_json(entry));
  return json::object{{"entries", std::move(out)}};
}

Result<json::object> Service::ledger_verify(Call& call) {
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  ROOTLET_TRY(Ledger ledger, Ledger::open(office.home(), office.keys()));
  ROOTLET_TRY(const LedgerCheck check, ledger.verify());
  json::array gaps;
  for (const LedgerGap& gap : check.gaps) gaps.push_back(to_json(gap));
  return json::object{{"intact", gaps.empty()},
                      {"entries", check.entries},
                      {"gaps", std::move(gaps)},
                      {"head", to_hex(check.head)}};
}

Result<json::object> Service::ledger_restart(Call& call) {
  ROOTLET_TRY(call.args.finish());
  ROOTLET_TRY(Office office, Office::open_enrolled(*context_));
  return restart_ledger(office.home(), office.keys(), call.peer.user, office.time().now);
}

Result<json::object> Service::doctor(Call& call) {
  bool full = false;
  if (call.args.has("full")) {
    ROOTLET_TRY(full, call.args.boolean("full"));
  }
  ROOTLET_TRY(call.args.finish());
  return run_doctor(*context_, DaemonState::kRunning, full ? kAllPages : kPagesAtOnce);
}

}  // namespace rootlet::agent
