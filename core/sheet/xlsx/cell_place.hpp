// Names of cells: "B7". Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rootlet {

// `column` from 0, `row` from 1, as people count them.
struct CellPlace {
  std::uint64_t column = 0, row = 0;
};

std::string column_name(std::uint64_t column);  // 0 is "A", 26 is "AA"
std::string name_of(CellPlace place);
// Nothing unless it is a name within a spreadsheet's bounds.
std::optional<CellPlace> place_named(std::string_view name);

}  // namespace rootlet
