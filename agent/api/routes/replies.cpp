#include "agent/api/routes/replies.hpp"

#include "agent/api/form/problem.hpp"
#include "agent/api/form/row_body.hpp"
#include "core/format/exact_json.hpp"
#include "core/format/json_values.hpp"

namespace rootlet::agent {

http::Reply json_reply(const json::value& value, int status) {
  return http::bytes_reply(status, http::kJsonType, to_bytes(json::serialize(value)));
}

http::Reply no_content() {
  return http::Reply{.status = 204, .fields = {{"Cache-Control", "no-store"}}};
}

Result<json::object> body_object(const Bytes& body) {
  ROOTLET_TRY(json::value value, parse_exact_json(as_text(body), "body"));
  if (!value.is_object()) {
    return bad_input("the body must be a JSON object", "body",
                     {.en = "Send {\"member\": value …} as application/json.",
                      .zh = "请求内容应为 JSON 对象：{\"名称\": 值 …}。"});
  }
  return std::move(value.get_object());
}

Status check_purpose_given(const ApiRequest& request) {
  if (!request.purpose.empty()) return ok();
  return bad_input("the request names no purpose", "purpose",
                   {.en = "Add purpose=…, or the field Rootlet-Purpose; /api/v1/datasets lists "
                          "the purposes granted.",
                    .zh = "须注明用途：加参数 purpose=…，可用用途见 /api/v1/datasets。"});
}

Result<http::Reply> answer_one(const Api& api, const ApiAsk& ask, std::string_view command,
                               json::object args, int status) {
  ROOTLET_TRY(const json::object answer, api.call(ask, command, std::move(args)));
  return json_reply(answer, status);
}

Result<http::Reply> answer_list(const Api& api, const ApiAsk& ask, std::string_view command,
                                std::string_view member, json::object args) {
  ROOTLET_TRY(json::object answer, api.call(ask, command, std::move(args)));
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

Result<http::Reply> answer_or_404(const Api& api, const ApiAsk& ask, std::string_view command,
                                  json::object args, std::string_view field, int status) {
  const Result<json::object> found = api.call(ask, command, std::move(args));
  if (found.has_value()) return json_reply(found.value(), status);
  const Error& error = found.error();
  const bool missing = error.code == ErrorCode::kBadInput && error.field == field;
  return problem_reply(error, missing ? 404 : status_of(error), ask.request.language);
}

}  // namespace rootlet::agent
