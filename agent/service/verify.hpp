// Compares the rows of every held stream, and of the directory, with what was signed. A stream
// whose rows differ is marked, so that the next sync fetches it again.
#pragma once

#include <string>

#include "agent/office/office.hpp"
#include "core/format/json_fwd.hpp"

namespace rootlet::agent {

// {"equal", "directory": …, "datasets": [{"id", "rows", "equal", "streams", "error"}]}. A file that
// cannot be read has an "error" and does not keep the others from being verified. `wanted` names
// one dataset; empty: all, and the directory. kBadInput if `wanted` is not held.
Result<json::object> verify_home(Office& office, const std::string& wanted);

}  // namespace rootlet::agent
