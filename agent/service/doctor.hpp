// Checks everything that can keep the agent from working, and reports it in plain words in both
// languages. Changes nothing; works before enrolment and without the daemon.
#pragma once

#include "agent/office/context.hpp"
#include "core/format/json_fwd.hpp"

namespace rootlet::agent {

// kSilent: the socket accepts connections, but the daemon behind it gives no answer.
enum class DaemonState { kRunning, kNotRunning, kSilent };

// {"healthy": …, "exit_code": …, "checks": [{"name", "state": "ok" | "note" | "wrong", "words",
// "advice"}]}. exit_code is that of the first "wrong" check, else 0.
json::object run_doctor(const AgentContext& context, DaemonState daemon);

}  // namespace rootlet::agent
