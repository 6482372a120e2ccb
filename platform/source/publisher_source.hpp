// Reads a dataset's new full state from a CSV file into a SourceTable.
//
// Promises: either every row satisfies the definition, or nothing comes back and the error names
// file, line and column of each mistake, up to kSourceMistakes of them. The header names the
// columns, in any order; a missing, unknown or doubled column is a mistake. An empty field is null;
// a key is never null. The words of an error hold no value of a row.
//
// A row that `unchanged` finds again is not read, and gives no row; only its key is held against
// those of the others.
#pragma once

#include <filesystem>
#include <functional>

#include "platform/source/rows/source_table.hpp"
#include "platform/source/unchanged_rows.hpp"
#include "sync/pack/table/dataset.hpp"

namespace rootlet::platform {

inline constexpr std::size_t kSourceMistakes = 20;

// Told now and then while reading, on the thread that reads.
using SourceProgress = std::function<void(std::uint64_t bytes_read, std::uint64_t bytes_all)>;

// `scanner` has the file at `path` before it.
Result<SourceTable> read_csv_source(const DatasetDefinition& definition,
                                    const std::filesystem::path& path, RowScanner& scanner,
                                    UnchangedRows& unchanged, const SourceProgress& progress = {});

// Every row of it.
Result<SourceTable> read_csv_source(const DatasetDefinition& definition,
                                    const std::filesystem::path& path);

}  // namespace rootlet::platform
