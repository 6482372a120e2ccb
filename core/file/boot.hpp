// Which machine this is, and which of its boots. Both are "" if the system does not say.
#pragma once

#include <string>

namespace rootlet {

std::string current_boot();     // the kernel's boot id
std::string current_machine();  // /etc/machine-id

}  // namespace rootlet
