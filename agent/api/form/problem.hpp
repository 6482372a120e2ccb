// Errors as HTTP answers: problem details (RFC 9457) in the caller's language. Pure.
#pragma once

#include "core/format/json.hpp"
#include "sync/wire/server/reply.hpp"

namespace rootlet::agent {

// {"type","title","status","detail","code","field","remedy","message"}. `type` is an address of the
// API that explains the code; `message` is the program's own English sentence.
json::object problem_json(const Error& error, int status, Language language);
http::Reply problem_reply(const Error& error, int status, Language language);
http::Reply problem_reply(const Error& error, Language language);  // with status_of(error)

int status_of(const Error& error);
Text title_of(ErrorCode code);

}  // namespace rootlet::agent
