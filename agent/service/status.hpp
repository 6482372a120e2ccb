// The state of this office, as `rootlet status --json` prints it.
#pragma once

#include "agent/office/context.hpp"
#include "core/format/json_fwd.hpp"

namespace rootlet::agent {

// Before enrolment, `state` is "none" and `office` and `realm` are null; the rest is absent.
Result<json::object> make_status(const AgentContext& context);

}  // namespace rootlet::agent
