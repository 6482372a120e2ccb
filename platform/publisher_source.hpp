// Reads a dataset's new full state from a CSV file into a SourceTable.
//
// Promises: either every row satisfies the definition, or nothing comes back and the error names
// file, line and column of each mistake, up to kSourceMistakes of them. The header names the
// columns, in any order; a missing, unknown or doubled column is a mistake. An empty field is null;
// a key is never null. The words of an error hold no value of a row.
#pragma once

#include <filesystem>
#include <functional>

#include "platform/difference.hpp"
#include "sync/pack/dataset.hpp"

namespace rootlet {

inline constexpr std::size_t kSourceMistakes = 20;

// Told now and then while reading.
using SourceProgress = std::function<void(std::uint64_t bytes_read, std::uint64_t bytes_all)>;

Result<SourceTable> read_csv_source(const DatasetDefinition& definition,
                                    const std::filesystem::path& path,
                                    const SourceProgress& progress = {});

}  // namespace rootlet
