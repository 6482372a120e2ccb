// A table of a SQLite file, or the answer to a query over it, as a source of rows. The file is only
// read. A real number has the shortest digits that mean it; bytes are a mistake.
#pragma once

#include <filesystem>

#include "platform/source/row_source.hpp"

namespace rootlet::platform {

// `query` is one statement that reads. kStorage if the file does not open, kUsage if SQLite does
// not take the query.
Result<std::unique_ptr<RowSource>> open_sqlite_source(const std::filesystem::path& path,
                                                      const std::string& query,
                                                      const std::string& control_query);

}  // namespace rootlet::platform
