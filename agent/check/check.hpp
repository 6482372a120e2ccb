// Questions that are answered by yes or no: whether a dataset has a row of this key, and whether
// one of its columns has this value. No value leaves, so they are allowed by grants of mode
// "verify" too, which show no row. Ledgered and limited as look-ups of one row are.
#pragma once

#include "agent/channel/local_socket.hpp"
#include "agent/reading/reading_session.hpp"
#include "core/format/json_fwd.hpp"

namespace rootlet::agent {

struct CheckRequest {
  std::string dataset, purpose;
  std::string key;     // as one CSV row
  std::string column;  // by name or title; empty: only whether there is such a row
  std::string value;   // empty: whether it is empty there
};

// {"dataset", "purpose", "row": bool, "column", "answer": bool or null without a row or a column,
// "provenance"}. Errors as read_dataset().
Result<json::object> check_value(ReadingSession& session, const Peer& peer,
                                 const CheckRequest& request);

}  // namespace rootlet::agent
