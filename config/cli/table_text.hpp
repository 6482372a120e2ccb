// Tables for people: columns as wide as their widest cell in terminal columns, where a CJK
// character takes two, and never wider than the terminal. Control characters never reach the
// terminal.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace rootlet {

class TextTable {
 public:
  explicit TextTable(std::vector<std::string> titles) : titles_(std::move(titles)) {}
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }
  // Each line ends in '\n'. `max_width` 0: as wide as it needs.
  std::string text(std::size_t max_width) const;

 private:
  std::vector<std::size_t> widths(std::size_t max_width) const;
  std::vector<std::string> titles_;
  std::vector<std::vector<std::string>> rows_;
};

// `text` with control characters as '·', so that data cannot steer a terminal.
std::string printable(std::string_view text);

// "1.4 MB", "812 B": decimal units.
std::string format_bytes(std::uint64_t bytes);

// A bar of `width` columns for done of total, with the percentage.
std::string progress_bar(std::uint64_t done, std::uint64_t total, std::size_t width);

// Columns of the terminal on `descriptor`; 0 if it is none.
std::size_t terminal_width(int descriptor);

}  // namespace rootlet
