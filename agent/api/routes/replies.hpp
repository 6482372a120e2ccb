// What many routes need: a command's result as an answer, a body as JSON, the errors of requests.
#pragma once

#include "agent/api/routes/api.hpp"

namespace rootlet::agent {

http::Reply json_reply(const json::value& value, int status = 200);
http::Reply no_content();

// kBadInput unless the body is one JSON object; its numbers keep their digits (exact_json.hpp).
Result<json::object> body_object(const Bytes& body);

// kBadInput, field "purpose", unless the request names one.
Status check_purpose_given(const ApiRequest& request);

// The command's result, whole.
Result<http::Reply> answer_one(const Api& api, const ApiAsk& ask, std::string_view command,
                               json::object args = {}, int status = 200);
// The list that `member` of the command's result is: as JSON with the rest of the result, or as CSV
// or JSON Lines alone.
Result<http::Reply> answer_list(const Api& api, const ApiAsk& ask, std::string_view command,
                                std::string_view member, json::object args = {});
// The command's result; 404 if the error is kBadInput at `field`: what the address names is not
// there.
Result<http::Reply> answer_or_404(const Api& api, const ApiAsk& ask, std::string_view command,
                                  json::object args, std::string_view field, int status = 200);

}  // namespace rootlet::agent
