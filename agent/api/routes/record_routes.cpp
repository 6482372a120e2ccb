// Forms, and the records made with them.
#include "agent/api/form/problem.hpp"
#include "agent/api/routes/handlers.hpp"
#include "agent/api/routes/replies.hpp"

namespace rootlet::agent::routes {
namespace {

// {"values": {…}} is a list of one.
void put_records(json::object& body) {
  const json::value* values = body.if_contains("values");
  if (values == nullptr) return;
  const json::value one = *values;
  body.erase("values");
  body["records"] = json::array{one};
}

}  // namespace

Result<http::Reply> forms(Api& api, ApiAsk& ask) {
  return answer_list(api, ask, "forms", "forms");
}

Result<http::Reply> submit(Api& api, ApiAsk& ask) {
  ROOTLET_TRY(json::object body, body_object(ask.body));
  put_records(body);
  const Result<json::object> saved = api.call(ask, "submit", std::move(body));
  if (saved.has_value()) return json_reply(saved.value(), 201);
  const bool invalid = saved.error().code == ErrorCode::kBadInput;
  const int status = invalid ? 422 : status_of(saved.error());
  return problem_reply(saved.error(), status, ask.request.language);
}

Result<http::Reply> outbox(Api& api, ApiAsk& ask) {
  ROOTLET_TRY(const std::int64_t limit, ask.request.number("limit", 1, 100'000, 100));
  return answer_list(api, ask, "outbox-list", "records",
                     {{"limit", limit},
                      {"state", ask.request.value("state")},
                      {"form", ask.request.value("form")}});
}

Result<http::Reply> record(Api& api, ApiAsk& ask) {
  return answer_or_404(api, ask, "outbox-show", {{"id", ask.named()}}, "id");
}

Result<http::Reply> fix_record(Api& api, ApiAsk& ask) {
  ROOTLET_TRY(json::object body, body_object(ask.body));
  body["id"] = ask.named();
  return answer_one(api, ask, "outbox-fix", std::move(body));
}

}  // namespace rootlet::agent::routes
