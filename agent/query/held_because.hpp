// "Why do we hold this?": what the grant says of a dataset's data. Pure.
#pragma once

#include "core/format/json_fwd.hpp"
#include "sync/trust/office/grant.hpp"

namespace rootlet::agent {

// {"basis", "scenario", "purposes", "approver", "until"}, each as the grant has it.
json::object held_because_json(const Grant& grant);

}  // namespace rootlet::agent
