// What changes while a page is open, as server-sent events (HTML standard, 9.2) on one connection:
//
//   status   {"sync": progress or null, "last_sync": {"at", "result"} or null}
//   outbox   how many records are in each state
//   watches  {"news": what the caller's watches have found}; for clerks
//   end      {}: the session has ended, and the answer with it
//
// Each comes once at the start and then whenever it differs. Counts and words only, never a value.
// A comment each kHeartbeat shows that the connection lives. A listener holds a thread of the
// server, of which kEventStreams are for this (places.hpp); it sleeps, and looks twice a second at
// the times of two files.
#pragma once

#include "agent/api/routes/api.hpp"

namespace rootlet::agent {

inline constexpr std::chrono::seconds kHeartbeat{15};

http::Reply answer_events(const Api& api, ApiAsk& ask);

}  // namespace rootlet::agent
