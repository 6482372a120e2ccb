// `rootlet run`: holds the home's lock, answers the local socket, runs the cycle worker, and exits
// within two seconds of SIGTERM or SIGINT. While idle it sleeps in poll().
#pragma once

#include "agent/office/context.hpp"

namespace rootlet::agent {

// Returns after SIGTERM or SIGINT. kBusy if another process holds the home's lock.
Status run_daemon(const AgentContext& context);

}  // namespace rootlet::agent
