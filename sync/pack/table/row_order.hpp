// Finds the row order that compresses best. A publisher may number the rows of a first version
// freely; neighbours that share a household, a place or a day predict each other. Pure; knows
// nothing about any dataset.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sync/pack/table/table.hpp"

namespace rootlet {

// The columns to sort rows by, most significant first, at most kSortColumns; empty if no order
// beats the given one. All columns have the same number of cells. Looks at a sample only. `known`:
// the result for other rows of the same columns, which is taken in a fraction of the time if it
// beats the given order here too.
std::vector<std::size_t> row_order(std::span<const CellColumn> columns,
                                   const std::optional<std::vector<std::size_t>>& known = {});

// Row positions sorted by `sort_columns`: nulls before numbers before texts, texts by their bytes
// (so digits of one length by value). Rows that compare equal keep their order.
std::vector<std::uint32_t> sorted_rows(std::span<const CellColumn> columns,
                                       std::span<const std::size_t> sort_columns);

inline constexpr std::size_t kSortColumns = 4;

}  // namespace rootlet
