// Lines of JSON as a source of rows: each line one object, whose members are columns by name or
// title. A member that is missing or null is null. Numbers keep every digit that was written.
#pragma once

#include <filesystem>

#include "platform/source/row_source.hpp"

namespace rootlet::platform {

// "-" is standard input. kStorage if the file does not open.
Result<std::unique_ptr<RowSource>> open_jsonl_source(const std::filesystem::path& path);

}  // namespace rootlet::platform
