// --help of a program, of a group of commands and of one command, from their descriptions. Pure.
#pragma once

#include "config/cli/command.hpp"

namespace rootlet {

// "rootlet outbox fix ID [FILE] [OPTIONS]": one line for each form of the command, without '\n' at
// the end.
std::string usage_of(const Program& program, const Command& command);

std::string program_help(const Program& program, Language language);
// `group` is the first word of commands of two words.
std::string group_help(const Program& program, std::string_view group, Language language);
std::string command_help(const Program& program, const Command& command, Language language);

// The options, one to a line.
std::string options_help(const std::vector<OptionSpec>& options, Language language);

// What each exit code means, for --help and the manual.
Text exit_codes_text();

}  // namespace rootlet
