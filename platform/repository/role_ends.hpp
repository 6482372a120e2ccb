// What people must know weeks before a signed role of the realm ends (docs/time.md).
#pragma once

#include <vector>

#include "core/text.hpp"
#include "sync/trust/metadata/signing_times.hpp"

namespace rootlet::platform {

// One sentence for each role that is near its end or over it: what ends, when, and the command that
// helps. Pure.
std::vector<Text> end_warnings(const std::vector<RoleEnd>& ends, UnixTime now);

}  // namespace rootlet::platform
