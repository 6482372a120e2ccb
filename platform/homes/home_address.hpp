// The file `database` in a home's folder: where the home's tables lie, if not in the folder.
#pragma once

#include <filesystem>
#include <string>

#include "core/result.hpp"

namespace rootlet::platform {

// "postgres://…"; empty without the file.
Result<std::string> load_address(const std::filesystem::path& file);
// Writes nothing if `address` is empty.
Status save_address(const std::filesystem::path& file, const std::string& address);

}  // namespace rootlet::platform
