// The commands `dataset source …` and `dataset export`, and `publish --due`: publishes what source
// files say is due.
#pragma once

#include <vector>

#include "config/cli/command.hpp"
#include "platform/cli/run/command_run.hpp"

namespace rootlet::platform {

std::vector<Command> source_commands();
std::vector<Command> export_commands();

// Exit code 0 if every publish that was due succeeded, else that of the first that did not.
Result<int> publish_due(const CommandRun& run);

}  // namespace rootlet::platform
