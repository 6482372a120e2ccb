// Writing a whole buffer to an open file, however the system cuts it.
#pragma once

#include <filesystem>

#include "core/bytes.hpp"
#include "core/file/descriptor.hpp"
#include "core/result.hpp"

namespace rootlet {

// `path` names the file in errors.
Status write_all(const UniqueFd& file, const std::filesystem::path& path, ByteView bytes);

}  // namespace rootlet
