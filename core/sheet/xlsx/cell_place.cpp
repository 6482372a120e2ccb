#include "core/sheet/xlsx/cell_place.hpp"

#include <algorithm>
#include <charconv>

#include "core/sheet/xlsx/xlsx_limits.hpp"

namespace rootlet {
namespace {
constexpr std::uint64_t kLetters = 26;
}

std::string column_name(std::uint64_t column) {
  std::string out;
  for (std::uint64_t left = column + 1; left > 0; left = (left - 1) / kLetters) {
    out += static_cast<char>('A' + (left - 1) % kLetters);
  }
  std::reverse(out.begin(), out.end());
  return out;
}

std::string name_of(CellPlace place) {
  return column_name(place.column) + std::to_string(place.row);
}

std::optional<CellPlace> place_named(std::string_view name) {
  std::uint64_t column = 0;
  while (!name.empty() && name[0] >= 'A' && name[0] <= 'Z') {
    column = column * kLetters + static_cast<std::uint64_t>(name[0] - 'A') + 1;
    name.remove_prefix(1);
    if (column > limits::kSheetPlaces) return std::nullopt;
  }
  std::uint64_t row = 0;
  const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), row);
  const bool whole = problem == std::errc() && end == name.data() + name.size();
  if (!whole || column == 0 || row == 0 || row > limits::kSheetRows) return std::nullopt;
  return CellPlace{column - 1, row};
}

}  // namespace rootlet
