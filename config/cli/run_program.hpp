// Runs one command line of a program: finds the command, reads its options and positionals, answers
// --help, --version and `help COMMAND`, and reports every error in one form. An
// argument that is not UTF-8 is refused before anything reads it.
#pragma once

#include <span>
#include <string>

#include "config/cli/arguments.hpp"
#include "config/cli/command.hpp"
#include "config/output/cli_output.hpp"

namespace rootlet {

// `words` are those after the program's name. Returns the exit code (core/error.hpp): kUsage's for
// a command line that no description fits.
int run_program(const Program& program, std::span<const std::string> words);

}  // namespace rootlet
