// Checks everything that can keep the agent from working, and reports it in plain words in both
// languages. Reads a part of every database file each time. Writes only where that part ended and
// which copies are damaged; works before enrolment and without the daemon.
#pragma once

#include "agent/care/page_check.hpp"
#include "agent/office/context.hpp"
#include "core/format/json_fwd.hpp"

namespace rootlet::agent {

// kSilent: the socket accepts connections, but the daemon behind it gives no answer.
enum class DaemonState { kRunning, kNotRunning, kSilent };

// Reads `pages_per_file` pages of each file: kPagesAtOnce, or kAllPages for all.
// {"healthy": …, "exit_code": …, "checks": [{"name", "state": "ok" | "note" | "wrong", "words",
// "advice"}]}. exit_code is that of the first "wrong" check, else 0.
json::object run_doctor(const AgentContext& context, DaemonState daemon,
                        std::int64_t pages_per_file = kPagesAtOnce);

}  // namespace rootlet::agent
