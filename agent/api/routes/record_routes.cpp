// Forms, and the records made with them: checked, kept as drafts, saved, corrected, confirmed.
#include "agent/api/form/problem.hpp"
#include "agent/api/routes/handlers.hpp"
#include "agent/api/routes/replies.hpp"
#include "core/format/json_values.hpp"

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

// Each mistake as one sentence in the caller's language, besides its parts in both.
void put_messages(json::object& answer, Language language) {
  for (json::value& one : answer.at("mistakes").as_array()) {
    json::object& mistake = one.get_object();
    const std::string title = text_at(mistake, "title", language);
    const std::string colon = language == Language::kChinese ? "：" : ": ";
    mistake["message"] = title + (title.empty() ? "" : colon) + text_at(mistake, "words", language);
  }
}

}  // namespace

Result<http::Reply> forms(Api& api, ApiAsk& ask) {
  return answer_list(api, ask, "forms", "forms");
}

// Every parameter but the purpose is a field of the form; one of them holds the key.
Result<http::Reply> prefill(Api& api, ApiAsk& ask) {
  json::object fields;
  for (const auto& [name, value] : ask.request.parameters) {
    if (name != "purpose") fields[name] = value;
  }
  return answer_or_404(
      api, ask, "prefill",
      {{"form", ask.named()}, {"fields", std::move(fields)}, {"purpose", ask.request.purpose}},
      "key");
}

Result<http::Reply> check_records(Api& api, ApiAsk& ask) {
  ROOTLET_TRY(json::object body, body_object(ask.body));
  put_records(body);
  body.erase("id");  // of a draft, which a check leaves alone
  ROOTLET_TRY(json::object answer, api.call(ask, "submit-check", std::move(body)));
  put_messages(answer, ask.request.language);
  return json_reply(answer);
}

Result<http::Reply> drafts(Api& api, ApiAsk& ask) {
  return answer_one(api, ask, "draft-list");
}

Result<http::Reply> save_draft(Api& api, ApiAsk& ask) {
  ROOTLET_TRY(json::object body, body_object(ask.body));
  return answer_or_404(api, ask, "draft-save", std::move(body), "id", 201);
}

Result<http::Reply> remove_draft(Api& api, ApiAsk& ask) {
  return answer_or_404(api, ask, "draft-remove", {{"id", ask.named()}}, "id");
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

// What the address names is not there: no such record, or none that the platform has confirmed.
Result<http::Reply> receipt(Api& api, ApiAsk& ask) {
  const Result<json::object> found = api.call(ask, "outbox-receipt", {{"id", ask.named()}});
  if (found.has_value()) return json_reply(found.value());
  const Error& error = found.error();
  const bool missing = error.code == ErrorCode::kBadInput;
  return problem_reply(error, missing ? 404 : status_of(error), ask.request.language);
}

Result<http::Reply> fix_record(Api& api, ApiAsk& ask) {
  ROOTLET_TRY(json::object body, body_object(ask.body));
  body["id"] = ask.named();
  return answer_one(api, ask, "outbox-fix", std::move(body));
}

}  // namespace rootlet::agent::routes
