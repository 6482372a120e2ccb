#include <algorithm>

#include "core/sheet/sheet.hpp"

namespace rootlet {
namespace {

// Blanks around a heading, of Chinese text too, are never meant.
std::string trimmed(std::string_view text) {
  constexpr std::string_view kWide = "\u3000", kBlanks = " \t\r\n";
  for (bool goes_on = true; goes_on;) {
    goes_on = false;
    if (!text.empty() && kBlanks.find(text.front()) != kBlanks.npos) {
      text.remove_prefix(1);
      goes_on = true;
    } else if (text.starts_with(kWide)) {
      text.remove_prefix(kWide.size());
      goes_on = true;
    }
    if (!text.empty() && kBlanks.find(text.back()) != kBlanks.npos) {
      text.remove_suffix(1);
      goes_on = true;
    } else if (text.ends_with(kWide)) {
      text.remove_suffix(kWide.size());
      goes_on = true;
    }
  }
  return std::string(text);
}

const Text kHeadingRule{.en = "The first row must name every column. Delete a title above it.",
                        .zh = "第一行必须是各列的表头，且不得为空。如表头上方有标题行，请先删除。"};

}  // namespace

Result<SheetTable> SheetTable::over(Sheet sheet) {
  SheetTable table(std::move(sheet));
  SheetRow row;
  ROOTLET_TRY(const bool any, table.sheet_.next(row));
  if (!any) {
    return table.sheet_.error({0, 1}, {.en = "the sheet is empty", .zh = "表格为空"}, kHeadingRule);
  }
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    const std::string name = trimmed(row.cells[i]);
    if (name.empty()) {
      return table.sheet_.error({i, row.number}, {.en = "the heading is empty", .zh = "表头为空"},
                                kHeadingRule);
    }
    const auto before = std::ranges::find(table.columns_, name);
    if (before != table.columns_.end()) {
      const auto first = static_cast<std::uint64_t>(before - table.columns_.begin());
      const std::string cell = name_of(CellPlace{first, row.number});
      return table.sheet_.error(
          {i, row.number},
          {.en = "the heading is the same as that of " + cell, .zh = "表头与 " + cell + " 重复"},
          {.en = "Give each column its own name.", .zh = "请为每列使用不同的表头。"});
    }
    table.columns_.push_back(name);
  }
  return table;
}

Result<bool> SheetTable::next(SheetRow& row) {
  ROOTLET_TRY(const bool more, sheet_.next(row));
  if (!more) return false;
  if (row.cells.size() > columns_.size()) {
    const auto beyond = std::ranges::find_if(
        row.cells.begin() + static_cast<std::ptrdiff_t>(columns_.size()), row.cells.end(),
        [](const std::string& cell) { return !cell.empty(); });
    const auto column = static_cast<std::uint64_t>(beyond - row.cells.begin());
    return sheet_.error({column, row.number},
                        {.en = "the column has no heading", .zh = "该列没有表头"}, kHeadingRule);
  }
  row.cells.resize(columns_.size());
  return true;
}

}  // namespace rootlet
