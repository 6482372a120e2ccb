// Commands that answer in rows or in progress, as HTTP answers: whole in memory, or piece by piece
// on a thread of the server's streams.
#pragma once

#include "agent/api/routes/api.hpp"

namespace rootlet::agent {

// A command and the form of its answer.
struct RowCall {
  std::string command;
  json::object args;
  enum class Body { kRows, kSearch, kSingle, kSql } body = Body::kRows;
  bool in_pieces = false;
};

// Runs the call now, or, in pieces, when the server asks for them; then `ask` is moved into it.
http::Reply answer_rows(const Api& api, ApiAsk& ask, RowCall call);

// A sync with its progress as server-sent events (HTML standard, 9.2): any number of "progress",
// then "done" or "error", each with JSON. Without them one JSON answer at the end.
http::Reply answer_sync(const Api& api, ApiAsk& ask, json::object args);

}  // namespace rootlet::agent
