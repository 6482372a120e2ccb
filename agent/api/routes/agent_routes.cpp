// The agent itself: its state, its ledger, its sync, and what its API is.
#include "agent/api/form/metrics.hpp"
#include "agent/api/form/problem.hpp"
#include "agent/api/routes/events.hpp"
#include "agent/api/routes/handlers.hpp"
#include "agent/api/routes/replies.hpp"
#include "agent/api/routes/row_stream.hpp"
#include "core/format/json_values.hpp"

namespace rootlet {
extern const std::string_view openapi_document;
}

namespace rootlet::agent::routes {

Result<http::Reply> document(Api&, ApiAsk&) {
  return http::bytes_reply(200, http::kJsonType, to_bytes(openapi_document));
}

Result<http::Reply> status(Api& api, ApiAsk& ask) {
  return answer_one(api, ask, "status");
}

Result<http::Reply> doctor(Api& api, ApiAsk& ask) {
  return answer_one(api, ask, "doctor");
}

Result<http::Reply> ledger(Api& api, ApiAsk& ask) {
  ROOTLET_TRY(const std::int64_t limit, ask.request.number("limit", 0, INT32_MAX, 100));
  return answer_list(api, ask, "ledger-list", "entries", {{"limit", limit}});
}

Result<http::Reply> verify_ledger(Api& api, ApiAsk& ask) {
  return answer_one(api, ask, "ledger-verify");
}

Result<http::Reply> traffic(Api& api, ApiAsk& ask) {
  return answer_one(api, ask, "traffic");
}

Result<http::Reply> events(Api& api, ApiAsk& ask) {
  return answer_events(api, ask);
}

Result<http::Reply> sync(Api& api, ApiAsk& ask) {
  json::object args{{"from", ""}, {"now", false}};
  if (!ask.body.empty()) {
    ROOTLET_TRY(const json::object body, body_object(ask.body));
    for (const auto& member : body) args[member.key()] = member.value();
  }
  return answer_sync(api, ask, std::move(args));
}

Result<http::Reply> problem(Api&, ApiAsk& ask) {
  const ErrorCode code = error_code_named(ask.named());
  if (name_of(code) != ask.named()) {
    return problem_reply(bad_input("there is no such code", "code"), 404, ask.request.language);
  }
  return json_reply(json::object{{"code", name_of(code)},
                                 {"title", to_json(title_of(code))},
                                 {"remedy", to_json(advice_for(code))},
                                 {"status", status_of(fail(code, ""))},
                                 {"exit_code", exit_code_of(code)}});
}

// Figures only, and every user of this machine may read them; Prometheus signs in nowhere.
Result<http::Reply> metrics(Api& api, ApiAsk& ask) {
  const Peer reader{.user = ask.caller.peer.user, .roles = Roles::all()};
  ROOTLET_TRY(const json::object status, api.call(reader, "status"));
  Doorkeeper& door = api.parts().doorkeeper;
  const auto now = api.parts().context.clock->since_boot();
  const std::string text =
      metrics_text(status, {.requests = api.requests(),
                            .refusals = door.refusals().count(),
                            .sessions = door.sessions(Face::kLocal).count(now) +
                                        door.sessions(Face::kNetwork).count(now),
                            .resident_bytes = resident_bytes()});
  return http::bytes_reply(200, "text/plain; version=0.0.4; charset=utf-8", to_bytes(text));
}

}  // namespace rootlet::agent::routes
