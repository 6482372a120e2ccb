// A sheet of an Excel workbook as a source of rows. Its first row names the columns; how cells
// become text: core/sheet/xlsx/xlsx_reader.hpp.
#pragma once

#include <filesystem>

#include "platform/source/row_source.hpp"

namespace rootlet::platform {

// `sheet` "" is the first one that is not hidden. kStorage if the file does not open, kBadInput if
// it is no workbook or has no such sheet.
Result<std::unique_ptr<RowSource>> open_xlsx_source(const std::filesystem::path& path,
                                                    const std::string& sheet);

}  // namespace rootlet::platform
