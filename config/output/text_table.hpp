// A table for people: each column is as wide as its widest cell in terminal columns, where a CJK
// character takes two. Nothing is cut: a table that is wider than the terminal is written as one
// block for each row. Control characters in titles and cells are shown as escapes.
#pragma once

#include <string>
#include <vector>

namespace rootlet {

class TextTable {
 public:
  explicit TextTable(std::vector<std::string> titles) : titles_(std::move(titles)) {}
  // Cells beyond the titles are ignored; missing ones are empty.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }

  // The same table with each time in our own form (UTC) in the reader's zone (local_time.hpp).
  TextTable with_local_times() const;

  // Is no line wider than `max_width` terminal columns? 0 sets no limit.
  bool fits(std::size_t max_width) const;

  // The titles and the rows, or blocks() if they do not fit. Each line ends in '\n'.
  std::string text(std::size_t max_width) const;
  // The rows in lines, however wide.
  std::string lines() const;
  std::string lines_without_titles() const;
  // A line "-[ 1 ]---" for each row, then a line for each column: its title and its cell, wrapped
  // within `max_width`. The first row has the number `first`.
  std::string blocks(std::size_t max_width, std::size_t first = 1) const;

 private:
  std::vector<std::size_t> widths() const;
  std::string rows_text(const std::vector<std::size_t>& widths) const;

  std::vector<std::string> titles_;
  std::vector<std::vector<std::string>> rows_;
};

// One row as a block, without the line above it: titles on the left, cells wrapped on the right.
std::string block_text(const std::vector<std::string>& titles,
                       const std::vector<std::string>& cells, std::size_t max_width);

}  // namespace rootlet
