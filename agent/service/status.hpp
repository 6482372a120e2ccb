// The state of this office, as `rootlet status --json` prints it.
#pragma once

#include "agent/office/office.hpp"
#include "core/format/json_fwd.hpp"

namespace rootlet::agent {

// A granted dataset: its streams, rows, age, lease, and whether it is stale. Damage is in "error".
json::object dataset_state_json(Office& office, const Grant& grant);

// {"last_sync": {"at", "result"} or null, "outbox": how many records in each state}
Result<json::object> make_pulse(Office& office);

// Before enrolment, `state` is "none" and `office` and `realm` are null; the rest is absent.
Result<json::object> make_status(const AgentContext& context);

}  // namespace rootlet::agent
