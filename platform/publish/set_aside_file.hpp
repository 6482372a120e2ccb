// Rows with mistakes as a CSV file, for the owner of the data: place, reasons and the fields as
// they came. It holds values, so only its owner may read it.
#pragma once

#include <filesystem>

#include "platform/source/rows/source_table.hpp"
#include "sync/pack/table/dataset.hpp"

namespace rootlet::platform {

// Replaces the file as a whole.
Status write_set_aside(const std::filesystem::path& path, const DatasetDefinition& dataset,
                       const std::vector<SetAsideRow>& rows);

}  // namespace rootlet::platform
