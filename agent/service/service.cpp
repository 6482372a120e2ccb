// The table of commands, and those about enrolment, sync, status and ledger.
#include "agent/service/service.hpp"

#include "agent/office/enroll.hpp"
#include "agent/office/office.hpp"
#include "agent/reading/ledger_restart.hpp"
#include "agent/service/doctor.hpp"
#include "agent/service/status.hpp"
#include "core/limits.hpp"

namespace rootlet::agent {

const Service::Route Service::kRoutes[] = {
    {"datasets", &Service::datasets},
    {"doctor", &Service::doctor},
    {"enroll", &Service::enroll_office},
    {"forms", &Service::forms},
    {"ledger-list", &Service::ledger_list},
    {"ledger-restart", &Service::ledger_restart},
    {"ledger-verify", &Service::ledger_verify},
    {"outbox-fix", &Service::outbox_fix},
    {"outbox-list", &Service::outbox_list},
    {"outbox-restart", &Service::outbox_restart},
    {"outbox-show", &Service::outbox_show},
    {"query", &Service::query},
    {"search", &Service::search},
    {"show", &Service::show},
    {"status", &Service::status},
    {"submit", &Service::submit},
    {"sync", &Service::sync},
    {"verify", &Service::verify},
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
    Call call{std::move(args), peer, sink};
    return (this->*route.handler)(call);
  }
  return fail(ErrorCode::kUsage, "the agent has no command '" + command + "'");
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
  return json::object{{"office", outcome.office},         {"office_name", outcome.office_name},
                      {"realm_name", outcome.realm_name}, {"already", outcome.already},
                      {"kept_in", outcome.kept_in},       {"request", to_base64(outcome.request)}};
}

Result<json::object> Service::sync(Call& call) {
  CycleRequest request;
  ROOTLET_TRY(request.from, call.args.text("from"));
  ROOTLET_TRY(request.fetch_now, call.args.boolean("now"));
  ROOTLET_TRY(call.args.finish());
  return scheduler_->sync(request, call.sink);
}

Result<json::object> Service::status(Call& call) {
  ROOTLET_TRY(call.args.finish());
  return make_status(*context_);
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
  ROOTLET_TRY(call.args.finish());
  return run_doctor(*context_, DaemonState::kRunning);
}

}  // namespace rootlet::agent
