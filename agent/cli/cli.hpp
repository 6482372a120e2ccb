// The command line of `rootlet`: one table of commands, each with its own options and help, and the
// settings' flags before or after the command.
#pragma once

#include "agent/cli/cli_output.hpp"
#include "agent/office/context.hpp"
#include "config/arguments.hpp"

namespace rootlet::agent {

// What a command is run with.
struct CommandRun {
  const AgentContext& context;
  const LoadedSettings& loaded;
  const Arguments& arguments;
  const CliOutput& output;

  const std::string& word(std::size_t index) const { return arguments.positionals()[index]; }
  std::size_t words() const { return arguments.positionals().size(); }
};

struct Command {
  std::string_view name;
  std::string_view usage;  // what follows the name
  Text summary;
  Text help;  // what it does, with examples
  std::vector<OptionSpec> options;
  std::size_t min_words = 0, max_words = 0;
  Result<int> (*run)(const CommandRun&);  // the exit code
};

std::vector<Command> read_commands();    // cli_read.cpp
std::vector<Command> record_commands();  // cli_records.cpp
std::vector<Command> care_commands();    // cli_care.cpp

OptionSpec json_option();

// Calls the service and gives its answer; for commands that stream nothing.
Result<json::object> call_service(const CommandRun& run, std::string_view command,
                                  json::object args);

int run_cli(const std::vector<std::string>& arguments);

}  // namespace rootlet::agent
