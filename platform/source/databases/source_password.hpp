// The password of a database that is a source. It is never in an address, which every user of the
// machine could see.
#pragma once

#include <string>

#include "core/result.hpp"

namespace rootlet::platform {

// From the file that ROOTLET_SOURCE_PASSWORD_FILE names, else from systemd's credential
// rootlet-source-password; "" without either. kStorage if the file cannot be read.
Result<std::string> source_password();

}  // namespace rootlet::platform
