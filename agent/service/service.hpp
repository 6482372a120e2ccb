// The agent's commands. The same code answers over the socket and, if there is no daemon, in the
// command's own process. Most calls open and close the files they need; threads share the
// CycleScheduler and, for reads, the ReadingPool.
#pragma once

#include <memory>
#include <mutex>

#include "agent/channel/answer.hpp"
#include "agent/cycle/scheduler.hpp"
#include "agent/office/context.hpp"
#include "agent/reading/reading.hpp"
#include "agent/reading/reading_pool.hpp"
#include "sync/downlink/store/dataset_store.hpp"

namespace rootlet::agent {

class Service {
 public:
  // Without `pool` each Service reads with a pool of its own.
  Service(const AgentContext& context, CycleScheduler& scheduler, StopCheck should_stop,
          ReadingPool* pool = nullptr)
      : context_(&context),
        scheduler_(&scheduler),
        should_stop_(std::move(should_stop)),
        pool_(pool) {}

  // `request` is {"command": name, "args": {…}}. kUsage for an unknown command or argument;
  // kNoAccess, with an entry in the ledger, if the roles of `peer` do not allow the command. On a
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
    Roles allowed;  // a caller needs one of them
  };
  static const Route kRoutes[];
  // Writes a call that no role of the caller allows into the ledger, and returns `refusal`.
  Error refuse(const Route& route, JsonObject args, const Peer& peer, Error refusal);
  ReadingPool& pool();
  Result<json::object> run_route(const Route& route, const JsonObject& args, const Peer& peer,
                                 AnswerSink& sink);

  // service_read.cpp
  Result<json::object> query(Call& call);
  Result<json::object> show(Call& call);
  Result<json::object> reveal(Call& call);
  Result<json::object> read_row(Call& call, const ReadRequest& request);
  Result<json::object> search(Call& call);
  Result<json::object> check(Call& call);
  Result<json::object> datasets(Call& call);
  Result<json::object> dataset(Call& call);
  Result<json::object> verify(Call& call);
  // service_sql.cpp
  Result<json::object> sql(Call& call);
  Result<json::object> sql_schema(Call& call);
  Result<json::object> sql_save(Call& call);
  Result<json::object> sql_saved(Call& call);
  Result<json::object> sql_forget(Call& call);
  // service_uplink.cpp
  Result<json::object> forms(Call& call);
  Result<json::object> submit(Call& call);
  Result<json::object> submit_check(Call& call);
  Result<json::object> outbox_list(Call& call);
  Result<json::object> outbox_show(Call& call);
  Result<json::object> outbox_fix(Call& call);
  Result<json::object> outbox_restart(Call& call);
  Result<json::object> outbox_receipt(Call& call);
  // service_drafts.cpp
  Result<json::object> draft_save(Call& call);
  Result<json::object> draft_list(Call& call);
  Result<json::object> draft_remove(Call& call);
  // service_facets.cpp
  Result<json::object> facets(Call& call);
  // service_views.cpp
  Result<json::object> view_save(Call& call);
  Result<json::object> view_show(Call& call);
  // service_watch.cpp
  Result<json::object> watch_add(Call& call);
  Result<json::object> watch_list(Call& call);
  Result<json::object> watch_show(Call& call);
  Result<json::object> watch_seen(Call& call);
  Result<json::object> watch_remove(Call& call);
  // service_prefill.cpp
  Result<json::object> prefill(Call& call);
  // service.cpp
  Result<json::object> enroll_office(Call& call);
  Result<json::object> sync(Call& call);
  Result<json::object> lost(Call& call);
  Result<json::object> status(Call& call);
  Result<json::object> traffic(Call& call);
  Result<json::object> list_sheets(Call& call);
  Result<json::object> pulse(Call& call);
  Result<json::object> ledger_list(Call& call);
  Result<json::object> ledger_verify(Call& call);
  Result<json::object> ledger_restart(Call& call);
  Result<json::object> doctor(Call& call);

  const AgentContext* context_;
  CycleScheduler* scheduler_;
  StopCheck should_stop_;
  ReadingPool* pool_;
  std::once_flag made_pool_;
  std::unique_ptr<ReadingPool> own_pool_;
};

}  // namespace rootlet::agent
