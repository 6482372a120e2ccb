// A table for people: each column is as wide as its widest cell in terminal columns, where a CJK
// character takes two. Control characters in titles and
// cells are shown as escapes.
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

  // The titles and the rows. Each line ends in '\n'. `max_width` is in terminal columns; 0 sets no
  // limit. A narrow limit cuts the widest columns, but not the first one, which names the row.
  std::string text(std::size_t max_width) const;
  std::string text_without_titles(std::size_t max_width) const;

 private:
  std::vector<std::size_t> widths(std::size_t max_width) const;
  std::string rows_text(const std::vector<std::size_t>& widths) const;

  std::vector<std::string> titles_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace rootlet
