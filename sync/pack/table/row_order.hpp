// Which order of rows packs best. A publisher who numbers the rows of a first version is free to
// choose: neighbours that share a household, a place or a day tell about each other. Pure; knows
// nothing of any dataset.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sync/pack/table/table.hpp"

namespace rootlet {

// The columns to sort rows by, the first first; at most kSortColumns, none if no order is better
// than the one in which they come. All columns hold the same rows. Looks at a sample only.
std::vector<std::size_t> row_order(std::span<const CellColumn> columns);

// The rows' positions, sorted by `sort_columns` (null before numbers before texts, texts by their
// bytes, digits of one length thus by their number); rows that are alike there keep their order.
std::vector<std::uint32_t> sorted_rows(std::span<const CellColumn> columns,
                                       std::span<const std::size_t> sort_columns);

inline constexpr std::size_t kSortColumns = 4;

}  // namespace rootlet
