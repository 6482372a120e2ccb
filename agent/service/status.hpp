// How this office stands, as `status --json` tells it (DESIGN 7.1: add, never rename).
#pragma once

#include "agent/office/context.hpp"
#include "core/format/json.hpp"

namespace rootlet::agent {

// Works before enrolment too: then `state` says so and the rest is absent.
Result<json::object> make_status(const AgentContext& context);

}  // namespace rootlet::agent
