// The commands bucket show, update and verify, and realm migrate.
#pragma once

#include <vector>

#include "config/cli/command.hpp"

namespace rootlet::platform {

std::vector<Command> bucket_commands();

}  // namespace rootlet::platform
