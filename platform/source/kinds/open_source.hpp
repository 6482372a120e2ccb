// Opens the source that an address names.
#pragma once

#include "platform/source/csv_source.hpp"
#include "platform/source/kinds/address.hpp"

namespace rootlet::platform {

// `csv` counts for CSV only. Errors as the kind of source says.
Result<std::unique_ptr<RowSource>> open_source(const SourceAddress& address, CsvOptions csv = {});

}  // namespace rootlet::platform
