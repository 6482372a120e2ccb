// SQL that clerks write, and the queries that they keep.
#include <array>
#include <charconv>

#include "agent/api/routes/handlers.hpp"
#include "agent/api/routes/replies.hpp"
#include "agent/api/routes/row_stream.hpp"
#include "core/format/json_values.hpp"
#include "core/local_limits.hpp"

namespace rootlet::agent::routes {
namespace {

// The command takes a number with a fraction as its text, so that no digit is lost on the way.
json::value exact_parameter(const json::value& value) {
  if (!value.is_double()) return value;
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value.get_double()).ptr;
  return json::object{{"number", std::string(text.data(), end)}};
}

void rename(json::object& object, std::string_view from, std::string_view to) {
  const json::value* found = object.if_contains(from);
  if (found == nullptr) return;
  json::value value = *found;
  object.erase(from);
  object[to] = std::move(value);
}

Result<json::object> plain_body(const ApiAsk& ask) {
  ROOTLET_TRY(json::value value, parse_json(as_text(ask.body), "body"));
  if (!value.is_object()) return body_object(ask.body);  // says so
  rename(value.get_object(), "statement", "sql");
  return std::move(value.get_object());
}

// "format" says the same as Accept, for a page that can set no header.
Status take_format(json::object& body, ApiRequest& request) {
  const json::value* format = body.if_contains("format");
  if (format == nullptr) return ok();
  const std::string name = text_at(body, "format");
  body.erase("format");
  if (name == "json") request.form = BodyForm::kJson;
  if (name == "csv") request.form = BodyForm::kCsv;
  if (name == "ndjson") request.form = BodyForm::kJsonLines;
  if (name == "xlsx") request.form = BodyForm::kXlsx;
  if (name == "json" || name == "csv" || name == "ndjson" || name == "xlsx") return ok();
  return bad_input("format must be json, csv, ndjson or xlsx", "format",
                   {.en = "Such as csv.", .zh = "format 应为 json、csv、ndjson 或 xlsx。"});
}

std::int64_t usual_limit(BodyForm form) {
  if (form == BodyForm::kXlsx) return kApiXlsxRows;
  return form == BodyForm::kJson ? static_cast<std::int64_t>(limits::kApiWholeRows) : 0;
}

void put_limit(json::object& body, BodyForm form) {
  const json::value* given = body.if_contains("limit");
  if (given == nullptr) body["limit"] = usual_limit(form);
  if (form != BodyForm::kXlsx || given == nullptr) return;
  if (!given->is_int64()) return;  // the command refuses it by its name
  if (given->get_int64() == 0 || given->get_int64() > kApiXlsxRows) body["limit"] = kApiXlsxRows;
}

// The page calls "statement" what the command calls "sql".
Result<http::Reply> answer_renamed(const Api& api, const ApiAsk& ask, std::string_view command,
                                   json::object args, int status) {
  Result<json::object> answer = api.call(ask, command, std::move(args));
  if (answer.has_error()) {
    Error error = answer.error();
    if (error.field == "sql") error.field = "statement";
    return error;
  }
  json::object& out = answer.value();
  rename(out, "sql", "statement");
  if (json::value* queries = out.if_contains("queries")) {
    for (json::value& one : queries->as_array()) rename(one.as_object(), "sql", "statement");
  }
  return json_reply(out, status);
}

}  // namespace

// Always in pieces: a statement may take limits::kSqlTime, and the threads for calls are few.
Result<http::Reply> sql(Api& api, ApiAsk& ask) {
  ROOTLET_TRY(json::object body, plain_body(ask));
  ROOTLET_TRY(take_format(body, ask.request));
  if (body.contains("purpose")) ask.request.purpose = text_at(body, "purpose");
  if (!body.contains("saved")) {
    ROOTLET_TRY(check_purpose_given(ask.request));
  }
  body["purpose"] = ask.request.purpose;
  put_limit(body, ask.request.form);
  if (json::value* parameters = body.if_contains("parameters"); parameters != nullptr) {
    if (!parameters->is_object()) return bad_input("must be an object of values", "parameters");
    for (auto& one : parameters->get_object()) one.value() = exact_parameter(one.value());
  }
  return answer_rows(
      api, ask,
      {.command = "sql", .args = std::move(body), .body = RowCall::Body::kSql, .in_pieces = true});
}

Result<http::Reply> sql_tables(Api& api, ApiAsk& ask) {
  ROOTLET_TRY(check_purpose_given(ask.request));
  return answer_one(api, ask, "sql-schema", {{"purpose", ask.request.purpose}});
}

Result<http::Reply> saved_queries(Api& api, ApiAsk& ask) {
  return answer_renamed(api, ask, "sql-saved", {}, 200);
}

Result<http::Reply> save_query(Api& api, ApiAsk& ask) {
  ROOTLET_TRY(json::object body, plain_body(ask));
  return answer_renamed(api, ask, "sql-save", std::move(body), 201);
}

Result<http::Reply> forget_query(Api& api, ApiAsk& ask) {
  return answer_or_404(api, ask, "sql-forget", {{"name", ask.named()}}, "name");
}

}  // namespace rootlet::agent::routes
