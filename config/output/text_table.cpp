// Shares a terminal's columns among the columns of a table; CJK characters take two.
#include "config/output/text_table.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "core/unicode/visible_text.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 6;  // what remains of a cut column
constexpr std::size_t kName = 40;  // a first column up to this wide is not cut: ids can be copied

std::string line_of(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    const std::string cell = i < cells.size() ? visible_text(cells[i]) : "";
    line += fit_to_width(cell, widths[i]) + std::string(kGap, ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

}  // namespace

std::vector<std::size_t> TextTable::widths(std::size_t max_width) const {
  std::vector<std::size_t> out;
  for (const std::string& title : titles_) out.push_back(display_width(visible_text(title)));
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < std::min(row.size(), out.size()); ++i) {
      out[i] = std::max(out[i], display_width(visible_text(row[i])));
    }
  }
  if (max_width == 0 || out.empty()) return out;
  std::size_t total = 0;
  for (const std::size_t width : out) total += width + kGap;
  const auto first = out.begin() + (out.front() <= kName ? 1 : 0);
  while (total > max_width + kGap) {
    const auto widest = std::max_element(first, out.end());
    if (widest == out.end() || *widest <= kNarrowest) break;
    --*widest;
    --total;
  }
  return out;
}

std::string TextTable::rows_text(const std::vector<std::size_t>& widths) const {
  std::string out;
  for (const auto& row : rows_) out += line_of(row, widths);
  return out;
}

std::string TextTable::text(std::size_t max_width) const {
  const std::vector<std::size_t> columns = widths(max_width);
  return line_of(titles_, columns) + rows_text(columns);
}

std::string TextTable::text_without_titles(std::size_t max_width) const {
  return rows_text(widths(max_width));
}

}  // namespace rootlet
