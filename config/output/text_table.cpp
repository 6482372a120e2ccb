// Lays out rows as lines or as blocks; CJK characters take two columns.
#include "config/output/text_table.hpp"

#include <algorithm>

#include "config/output/local_time.hpp"
#include "config/output/readable.hpp"
#include "core/text.hpp"
#include "core/unicode/visible_text.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 10;  // of a cell in a block, on a terminal too narrow for it

std::string line_of(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    const std::string cell = i < cells.size() ? visible_text(cells[i]) : "";
    line += fit_to_width(cell, widths[i]) + std::string(kGap, ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::size_t widest_line(std::string_view text) {
  std::size_t widest = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    widest = std::max(widest, display_width(text.substr(at, end - at)));
    at = end + 1;
  }
  return widest;
}

}  // namespace

TextTable TextTable::with_local_times() const {
  TextTable out = *this;
  for (auto& row : out.rows_) {
    for (std::string& cell : row) cell = rootlet::with_local_times(cell);
  }
  return out;
}

std::vector<std::size_t> TextTable::widths() const {
  std::vector<std::size_t> out;
  for (const std::string& title : titles_) out.push_back(display_width(visible_text(title)));
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < std::min(row.size(), out.size()); ++i) {
      out[i] = std::max(out[i], display_width(visible_text(row[i])));
    }
  }
  return out;
}

bool TextTable::fits(std::size_t max_width) const {
  if (max_width == 0 || titles_.empty()) return true;
  std::size_t total = kGap * (titles_.size() - 1);
  for (const std::size_t width : widths()) total += width;
  return total <= max_width;
}

std::string TextTable::rows_text(const std::vector<std::size_t>& widths) const {
  std::string out;
  for (const auto& row : rows_) out += line_of(row, widths);
  return out;
}

std::string TextTable::text(std::size_t max_width) const {
  return fits(max_width) ? lines() : blocks(max_width);
}

std::string TextTable::lines() const {
  const std::vector<std::size_t> columns = widths();
  return line_of(titles_, columns) + rows_text(columns);
}

std::string TextTable::lines_without_titles() const {
  return rows_text(widths());
}

std::string TextTable::blocks(std::size_t max_width, std::size_t first) const {
  std::string out;
  for (const auto& row : rows_) {
    const std::string block = block_text(titles_, row, max_width);
    std::string rule = "-[ " + std::to_string(first++) + " ]";
    const std::size_t wide = std::max(widest_line(block), rule.size() + 3);
    rule.append(wide - rule.size(), '-');
    out += rule + "\n" + block;
  }
  return out;
}

std::string block_text(const std::vector<std::string>& titles,
                       const std::vector<std::string>& cells, std::size_t max_width) {
  std::size_t indent = 0;
  for (const std::string& title : titles) {
    indent = std::max(indent, display_width(visible_text(title)) + kGap);
  }
  std::string out;
  for (std::size_t i = 0; i < titles.size(); ++i) {
    const std::string cell = i < cells.size() ? visible_text(cells[i]) : "";
    std::string line = fit_to_width(visible_text(titles[i]), indent);
    line += max_width == 0 ? cell : wrapped(cell, std::max(max_width, indent + kNarrowest), indent);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace rootlet
