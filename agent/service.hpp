// What the agent does for its callers, command by command: the same code answers over the socket
// and in the process of a command that found no daemon. Each call opens what it needs and closes
// it; nothing is shared between threads but the CycleDesk.
#pragma once

#include "agent/answer.hpp"
#include "agent/context.hpp"
#include "agent/cycle.hpp"
#include "sync/downlink/dataset_store.hpp"

namespace rootlet {

// Where a sync cycle is asked for. The daemon has one for all threads, with a worker behind it.
class CycleDesk {
 public:
  virtual ~CycleDesk() = default;
  // Runs one cycle, or joins the one under way, and gives its report. The cycle goes on if `sink`
  // has gone away.
  virtual Result<json::object> sync(const CycleWish& wish, AnswerSink& sink) = 0;
  // Something waits to be sent: do not wait for the next poll.
  virtual void nudge() = 0;
};

class Service {
 public:
  Service(const AgentContext& context, CycleDesk& desk, StopCheck should_stop)
      : context_(&context), desk_(&desk), should_stop_(std::move(should_stop)) {}

  // `request` is {"command": name, "args": {…}}. kUsage for an unknown command or argument.
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
  // service.cpp
  Result<json::object> enroll_office(Call& call);
  Result<json::object> sync(Call& call);
  Result<json::object> status(Call& call);
  Result<json::object> ledger_list(Call& call);
  Result<json::object> ledger_verify(Call& call);
  Result<json::object> doctor(Call& call);

  const AgentContext* context_;
  CycleDesk* desk_;
  StopCheck should_stop_;
};

}  // namespace rootlet
