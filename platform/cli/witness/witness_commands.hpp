// The commands `witness watch` and `witness compare`. They need no realm: anybody can run them.
#pragma once

#include <vector>

#include "config/cli/command.hpp"

namespace rootlet::platform {

std::vector<Command> witness_commands();

}  // namespace rootlet::platform
