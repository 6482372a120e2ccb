// "Why do we hold this?": what the grant says of a dataset's data. Pure.
#pragma once

#include "core/format/json_fwd.hpp"
#include "sync/trust/office/grant.hpp"

namespace rootlet::agent {

// {"basis", "scenario", "purposes", "approver", "until", "emergency"}, each as the grant has it.
json::object held_because_json(const Grant& grant);
// {"reason", "since", "until"} of a grant that was given in an emergency; null of another.
json::value emergency_json(const Grant& grant);

}  // namespace rootlet::agent
