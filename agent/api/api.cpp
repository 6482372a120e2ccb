#include "agent/api/api.hpp"

#include <algorithm>
#include <array>

#include "agent/api/form/metrics.hpp"
#include "agent/api/form/problem.hpp"
#include "agent/api/form/row_body.hpp"
#include "agent/api/row_stream.hpp"
#include "core/format/exact_json.hpp"
#include "core/format/json_values.hpp"
#include "core/local_limits.hpp"

namespace rootlet {
extern const std::string_view openapi_document;
}

namespace rootlet::agent {
namespace {

constexpr std::int64_t kMostRows = INT64_C(1) << 40;
constexpr std::int64_t kPageRows = 50;
// Parameters of a query for rows that are no filters. A column of such a name is filtered with
// where=COLUMN=OPERATOR.VALUE.
constexpr std::array<std::string_view, 8> kRowParameters{
    "select", "order", "limit", "after", "where", "provenance", "purpose", "unmasked"};

class NoSink final : public AnswerSink {
 public:
  Status progress(const json::object&) override { return ok(); }
  Status head(const json::object&) override { return ok(); }
  Status rows(const json::array&) override { return ok(); }
};

http::Reply json_reply(const json::value& value, int status = 200) {
  return http::bytes_reply(status, http::kJsonType, to_bytes(json::serialize(value)));
}

Error no_purpose() {
  return bad_input("the request names no purpose", "purpose",
                   {.en = "Add purpose=…, or the field Rootlet-Purpose; /api/v1/datasets lists "
                          "the purposes granted.",
                    .zh = "须注明用途：加参数 purpose=…，可用用途见 /api/v1/datasets。"});
}

Result<json::object> body_object(const Bytes& body) {
  ROOTLET_TRY(json::value value, parse_exact_json(as_text(body), "body"));
  if (!value.is_object()) return bad_input("the body must be a JSON object", "body");
  return std::move(value.get_object());
}

std::vector<std::string> filters_of(const ApiRequest& request) {
  std::vector<std::string> out;
  for (const auto& [name, value] : request.parameters) {
    if (name == "where") out.push_back(value);
    if (std::ranges::find(kRowParameters, name) != kRowParameters.end()) continue;
    out.push_back(name + "=" + value);
  }
  return out;
}

json::array role_names(Roles roles) {
  json::array out;
  for (const Role role : {Role::kClerk, Role::kOperator, Role::kAuditor}) {
    if (roles.has(role)) out.push_back(json::value(std::string(name_of(role))));
  }
  return out;
}

}  // namespace

Result<json::object> Api::call(std::string_view command, json::object args, const Peer& peer,
                               AnswerSink& sink, const std::function<bool()>& gone) const {
  Service service(
      parts_.context, parts_.scheduler, [&] { return parts_.stopping() || gone(); }, &parts_.pool);
  return service.handle({{"command", command}, {"args", std::move(args)}}, peer, sink);
}

Result<json::object> Api::call(const ApiAsk& ask, std::string_view command,
                               json::object args) const {
  NoSink sink;
  return call(command, std::move(args), ask.caller.peer, sink, [] { return false; });
}

http::Reply Api::answer(ApiAsk ask) {
  ++requests_;
  const Language language = ask.request.language;
  Result<http::Reply> reply = route(ask);
  return reply.has_value() ? std::move(reply).value() : problem_reply(reply.error(), language);
}

Result<http::Reply> Api::route(ApiAsk& ask) {
  switch (ask.match.route->call) {
    case ApiCall::kDocument:
      return http::bytes_reply(200, http::kJsonType, to_bytes(openapi_document));
    case ApiCall::kSession:
      return session(ask);
    case ApiCall::kEndSession:
      return end_session(ask);
    case ApiCall::kStatus:
      return one(ask, "status");
    case ApiCall::kDoctor:
      return one(ask, "doctor");
    case ApiCall::kDatasets:
      return list(ask, "datasets", "datasets");
    case ApiCall::kDataset:
      return dataset(ask);
    case ApiCall::kRows:
      return rows(ask);
    case ApiCall::kRow:
      return row(ask);
    case ApiCall::kReveal:
      return reveal(ask);
    case ApiCall::kSearch:
      return search(ask);
    case ApiCall::kForms:
      return list(ask, "forms", "forms");
    case ApiCall::kSubmit:
      return submit(ask);
    case ApiCall::kOutbox: {
      ROOTLET_TRY(const std::int64_t limit, ask.request.number("limit", 1, 100'000, 100));
      return list(ask, "outbox-list", "records",
                  {{"limit", limit},
                   {"state", ask.request.value("state")},
                   {"form", ask.request.value("form")}});
    }
    case ApiCall::kRecord:
      return record(ask);
    case ApiCall::kFixRecord:
      return fix(ask);
    case ApiCall::kLedger: {
      ROOTLET_TRY(const std::int64_t limit, ask.request.number("limit", 0, INT32_MAX, 100));
      return list(ask, "ledger-list", "entries", {{"limit", limit}});
    }
    case ApiCall::kSync:
      return sync(ask);
    case ApiCall::kSheets:
      return sheets(ask);
    case ApiCall::kProblem:
      return problem(ask);
    case ApiCall::kMetrics:
      return metrics(ask);
  }
  return fail(ErrorCode::kInternal, "a route without a handler");
}

Result<http::Reply> Api::one(const ApiAsk& ask, std::string_view command, json::object args) const {
  ROOTLET_TRY(const json::object answer, call(ask, command, std::move(args)));
  return json_reply(answer);
}

Result<http::Reply> Api::list(const ApiAsk& ask, std::string_view command, std::string_view member,
                              json::object args) const {
  ROOTLET_TRY(json::object answer, call(ask, command, std::move(args)));
  const bool limited = boolean_at(answer, "truncated");
  const bool is_list =
      ask.request.form == BodyForm::kCsv || ask.request.form == BodyForm::kJsonLines;
  answer["limited"] = limited;
  answer.erase("truncated");
  http::Reply reply =
      is_list ? list_reply(array_at(answer, member), ask.request.form) : json_reply(answer);
  reply.fields.push_back({"Rootlet-Limited", limited ? "true" : "false"});
  return reply;
}

Result<http::Reply> Api::dataset(const ApiAsk& ask) const {
  const std::string& id = ask.match.values[0];
  ROOTLET_TRY(const json::object answer, call(ask, "datasets", {}));
  for (const json::value& one : array_at(answer, "datasets")) {
    if (text_at(one.get_object(), "id") == id) return json_reply(one);
  }
  return problem_reply(bad_input("there is no dataset '" + id + "' in the catalogue", "dataset"),
                       404, ask.request.language);
}

Result<http::Reply> Api::rows(ApiAsk& ask) {
  const ApiRequest& request = ask.request;
  if (request.purpose.empty()) return no_purpose();
  const bool is_file = request.form == BodyForm::kCsv || request.form == BodyForm::kJsonLines;
  ROOTLET_TRY(const std::int64_t limit,
              request.number("limit", 0, kMostRows, is_file ? 0 : kPageRows));
  RowCall call{.command = "query",
               .args = {{"dataset", ask.match.values[0]},
                        {"purpose", request.purpose},
                        {"limit", limit},
                        {"columns", json_texts(request.list("select"))},
                        {"where", json_texts(filters_of(request))},
                        {"order", json_texts(request.list("order"))},
                        {"after", request.value("after")},
                        {"pages", limit > 0},
                        {"count", request.counts_all},
                        {"announce", is_file}}};
  if (request.value("unmasked") == "true") call.args["unmasked"] = true;
  call.in_pieces = limit == 0 || limit > static_cast<std::int64_t>(limits::kApiWholeRows);
  return answer_rows(*this, ask, std::move(call));
}

Result<http::Reply> Api::row(ApiAsk& ask) {
  if (ask.request.purpose.empty()) return no_purpose();
  return answer_rows(*this, ask,
                     {.command = "show",
                      .args = {{"dataset", ask.match.values[0]},
                               {"purpose", ask.request.purpose},
                               {"limit", 0},
                               {"columns", json_texts(ask.request.list("select"))},
                               {"key", ask.match.values[1]}},
                      .body = RowCall::Body::kSingle});
}

Result<http::Reply> Api::reveal(ApiAsk& ask) {
  if (ask.request.purpose.empty()) return no_purpose();
  ROOTLET_TRY(json::object args, body_object(ask.body));
  args["dataset"] = ask.match.values[0];
  args["key"] = ask.match.values[1];
  args["purpose"] = ask.request.purpose;
  return answer_rows(
      *this, ask, {.command = "reveal", .args = std::move(args), .body = RowCall::Body::kSingle});
}

Result<http::Reply> Api::search(ApiAsk& ask) {
  const ApiRequest& request = ask.request;
  if (request.purpose.empty()) return no_purpose();
  ROOTLET_TRY(const std::int64_t limit, request.number("limit", 1, 1'000, kPageRows));
  return answer_rows(*this, ask,
                     {.command = "search",
                      .args = {{"dataset", request.value("dataset")},
                               {"purpose", request.purpose},
                               {"limit", limit},
                               {"columns", json_texts(request.list("select"))},
                               {"text", request.value("q")}},
                      .body = RowCall::Body::kSearch});
}

Result<http::Reply> Api::submit(const ApiAsk& ask) const {
  ROOTLET_TRY(json::object body, body_object(ask.body));
  if (const json::value* values = body.if_contains("values"); values != nullptr) {
    const json::value one = *values;
    body.erase("values");
    body["records"] = json::array{one};
  }
  Result<json::object> saved = call(ask, "submit", std::move(body));
  if (saved.has_value()) return json_reply(saved.value(), 201);
  const bool invalid = saved.error().code == ErrorCode::kBadInput;
  const int status = invalid ? 422 : status_of(saved.error());
  return problem_reply(saved.error(), status, ask.request.language);
}

Result<http::Reply> Api::record(const ApiAsk& ask) const {
  Result<json::object> found = call(ask, "outbox-show", {{"id", ask.match.values[0]}});
  if (found.has_value()) return json_reply(found.value());
  const bool missing = found.error().code == ErrorCode::kBadInput;
  return problem_reply(found.error(), missing ? 404 : status_of(found.error()),
                       ask.request.language);
}

Result<http::Reply> Api::fix(const ApiAsk& ask) const {
  ROOTLET_TRY(json::object body, body_object(ask.body));
  body["id"] = ask.match.values[0];
  return one(ask, "outbox-fix", std::move(body));
}

Result<http::Reply> Api::sync(ApiAsk& ask) {
  json::object args{{"from", ""}, {"now", false}};
  if (!ask.body.empty()) {
    ROOTLET_TRY(const json::object body, body_object(ask.body));
    for (const auto& member : body) args[member.key()] = member.value();
  }
  return answer_sync(*this, ask, std::move(args));
}

Result<http::Reply> Api::session(const ApiAsk& ask) const {
  const Peer& peer = ask.caller.peer;
  const bool browser = ask.caller.is_browser();
  const auto idle =
      std::chrono::duration_cast<std::chrono::seconds>(parts_.context.settings.console_idle);
  return json_reply(
      json::object{{"user", peer.user},
                   {"roles", role_names(peer.roles)},
                   {"via", !browser       ? "socket"
                           : peer.uid < 0 ? "pairing"
                                          : "ticket"},
                   {"csrf", browser ? json::value(ask.caller.csrf) : json::value()},
                   {"idle_seconds", browser ? json::value(idle.count()) : json::value()}});
}

Result<http::Reply> Api::end_session(const ApiAsk& ask) {
  if (ask.caller.is_browser()) {
    parts_.doorkeeper.sessions(ask.face).end(ask.caller.session);
    ROOTLET_TRY(parts_.doorkeeper.refusals().note_act(ask.caller.peer, "console-leave"));
  }
  return http::Reply{.status = 204, .fields = {{"Cache-Control", "no-store"}}};
}

Result<http::Reply> Api::problem(const ApiAsk& ask) const {
  const ErrorCode code = error_code_named(ask.match.values[0]);
  if (name_of(code) != ask.match.values[0]) {
    return problem_reply(bad_input("there is no such code", "code"), 404, ask.request.language);
  }
  return json_reply(json::object{{"code", name_of(code)},
                                 {"title", to_json(title_of(code))},
                                 {"remedy", to_json(advice_for(code))},
                                 {"status", status_of(fail(code, ""))},
                                 {"exit_code", exit_code_of(code)}});
}

Result<http::Reply> Api::metrics(const ApiAsk& ask) const {
  // Figures only, and every user of this machine may read them; Prometheus signs in nowhere.
  const Peer reader{.user = ask.caller.peer.user, .roles = Roles::all()};
  NoSink sink;
  ROOTLET_TRY(const json::object status, call("status", {}, reader, sink, [] { return false; }));
  Doorkeeper& door = parts_.doorkeeper;
  const auto now = parts_.context.clock->since_boot();
  const std::string text =
      metrics_text(status, {.requests = requests_,
                            .refusals = door.refusals().count(),
                            .sessions = door.sessions(Face::kLocal).count(now) +
                                        door.sessions(Face::kNetwork).count(now),
                            .resident_bytes = resident_bytes()});
  return http::bytes_reply(200, "text/plain; version=0.0.4; charset=utf-8", to_bytes(text));
}

}  // namespace rootlet::agent
