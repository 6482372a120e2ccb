// When each signed role of the realm ends, and what people must know of it weeks before
// (docs/time.md).
#pragma once

#include <vector>

#include "platform/realm/realm.hpp"
#include "sync/trust/metadata/signing_times.hpp"

namespace rootlet::platform {

// The newest version of every role, the earliest end first.
Result<std::vector<RoleEnd>> role_ends(Registry& registry);

// One sentence for each role that is near its end or over it: what ends, when, and the command that
// helps. Pure.
std::vector<Text> end_warnings(const std::vector<RoleEnd>& ends, UnixTime now);

}  // namespace rootlet::platform
