// The agent's commands. The same code answers over the socket and, if there is no daemon, in the
// command's own process. Each call opens and closes the files it needs; threads share only the
// CycleScheduler.
#pragma once

#include "agent/channel/answer.hpp"
#include "agent/cycle/scheduler.hpp"
#include "agent/office/context.hpp"
#include "sync/downlink/store/dataset_store.hpp"

namespace rootlet::agent {

class Service {
 public:
  Service(const AgentContext& context, CycleScheduler& scheduler, StopCheck should_stop)
      : context_(&context), scheduler_(&scheduler), should_stop_(std::move(should_stop)) {}

  // `request` is {"command": name, "args": {…}}. kUsage for an unknown command or argument. On a
  // full disk everything but a sync is tried again in the space of the disk reserve.
  Result<json::object> handle(const json::object& request, const Peer& peer, AnswerSink& sink);

 private:
  struct Call {
    JsonObject args;
    const Peer& peer;
    AnswerSink& sink;
  };
  using Handler = Result<json::object> (Service::*)(Call&);
  struct Route {
    std::string_view command;
    Handler handler;
  };
  static const Route kRoutes[];
  Result<json::object> run_route(const Route& route, const JsonObject& args, const Peer& peer,
                                 AnswerSink& sink);

  // service_read.cpp
  Result<json::object> query(Call& call);
  Result<json::object> show(Call& call);
  Result<json::object> search(Call& call);
  Result<json::object> datasets(Call& call);
  Result<json::object> verify(Call& call);
  // service_uplink.cpp
  Result<json::object> forms(Call& call);
  Result<json::object> submit(Call& call);
  Result<json::object> outbox_list(Call& call);
  Result<json::object> outbox_show(Call& call);
  Result<json::object> outbox_fix(Call& call);
  Result<json::object> outbox_restart(Call& call);
  // service.cpp
  Result<json::object> enroll_office(Call& call);
  Result<json::object> sync(Call& call);
  Result<json::object> status(Call& call);
  Result<json::object> ledger_list(Call& call);
  Result<json::object> ledger_verify(Call& call);
  Result<json::object> ledger_restart(Call& call);
  Result<json::object> doctor(Call& call);

  const AgentContext* context_;
  CycleScheduler* scheduler_;
  StopCheck should_stop_;
};

}  // namespace rootlet::agent
