// JSON that a person hands to a command.
#pragma once

#include "config/output/cli_output.hpp"

namespace rootlet::agent {

// The JSON in the file `name` or, for "-", on standard input. kBadInput with place and reason.
Result<json::value> read_json_input(const CliOutput& output, const std::string& name);

}  // namespace rootlet::agent
