// `rootlet run`: holds the home's lock, answers the local socket, keeps the worker going, and goes
// within two seconds when told to (SIGTERM, SIGINT). Idle it waits in poll() and does nothing.
#pragma once

#include "agent/office/context.hpp"

namespace rootlet::agent {

// Returns when asked to stop. kBusy if another agent has the home.
Status run_daemon(const AgentContext& context);

}  // namespace rootlet::agent
