// A CSV file as a source of rows. A row whose text is, to the byte, as at the last publish is
// neither split nor delivered (unchanged_rows.hpp).
#pragma once

#include <filesystem>

#include "platform/source/row_source.hpp"

namespace rootlet::platform {

// kStorage if the file does not open.
Result<std::unique_ptr<RowSource>> open_csv_source(const std::filesystem::path& path);
SourceOpener csv_file(std::filesystem::path path);

}  // namespace rootlet::platform
