// The command line of `rootlet`: its commands, with the settings' flags as general options.
#pragma once

#include "agent/office/context.hpp"
#include "config/cli/arguments.hpp"
#include "config/cli/command.hpp"
#include "config/output/cli_output.hpp"
#include "core/format/json_values.hpp"

namespace rootlet::agent {

// What a command of the agent receives.
struct CommandRun {
  const AgentContext& context;
  const LoadedSettings& loaded;
  const Arguments& arguments;
  const CliOutput& output;
};

// With mistakes in the settings a command does not run, unless its work is to report them.
enum class OnMistakes { kFail, kRun };

// Loads the settings before `run`.
CommandFunction with_settings(Result<int> (*run)(const CommandRun&),
                              OnMistakes on_mistakes = OnMistakes::kFail);

// --accept-loss, without which a command that gives something up does nothing.
OptionSpec accept_loss_option();
Status require_accept_loss(const CommandRun& run);  // kUsage

std::vector<Command> care_commands();     // cli_care.cpp
std::vector<Command> read_commands();     // cli_read.cpp
std::vector<Command> sql_commands();      // cli_sql.cpp
std::vector<Command> form_commands();     // cli_forms.cpp
std::vector<Command> record_commands();   // cli_records.cpp
std::vector<Command> watch_commands();    // cli_watch.cpp
std::vector<Command> console_commands();  // cli_console.cpp

Program agent_program();

// Calls the service and returns its answer; for commands that stream nothing.
Result<json::object> call_service(const CommandRun& run, std::string_view command,
                                  json::object args);

}  // namespace rootlet::agent
