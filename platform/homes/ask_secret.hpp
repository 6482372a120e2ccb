// Asks a person for a passphrase or a PIN.
#pragma once

#include <string>

#include "core/result.hpp"

namespace rootlet::platform {

// One line from the terminal, which does not show it. kUsage at the end of the input, kBadInput for
// control characters and what is not UTF-8.
Result<std::string> ask_secret(const std::string& question);

}  // namespace rootlet::platform
