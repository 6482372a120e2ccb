// The table of forks in inbox.db. Only the parts of Intake use it.
#pragma once

#include <vector>

#include "platform/intake/rows/intake_types.hpp"

namespace rootlet::platform::intake {

// Inside the caller's transaction. A fork of a chain that is known already counts one time more.
Status note_fork(Store& inbox, const ForkEntry& fork);

Result<std::vector<ForkEntry>> load_forks(Store& inbox);  // newest first

}  // namespace rootlet::platform::intake
