// A row as the modelled coder sees it: each cell with a hash of its value, texts as code points. A
// row views cells that others own, or owns its texts.
#pragma once

#include "sync/pack/table/table.hpp"

namespace rootlet {

struct ModelCell {
  CellView value;
  std::uint32_t hash = 0;  // of the value; 0 for null
  bool is_null() const { return value.kind == CellView::Kind::kNull; }
  bool operator==(const ModelCell& other) const {
    return hash == other.hash && value == other.value;
  }
};

std::uint32_t hash_text(std::string_view text);
std::uint32_t hash_cell(const CellView& value);

class ModelRow {
 public:
  explicit ModelRow(std::size_t columns) : cells_(columns) {}
  ModelRow(const ModelRow&) = delete;
  ModelRow& operator=(const ModelRow&) = delete;

  const ModelCell& operator[](std::size_t column) const { return cells_[column]; }
  std::size_t size() const { return cells_.size(); }

  // Views row `row` of `block`, which must outlive the view. Cells must have their columns' kinds.
  void view(const RowBlock& block, std::size_t row);
  // Sets a cell and copies its text.
  void set(std::size_t column, const CellView& value);
  void copy(const ModelRow& other);

 private:
  std::string& text_of(std::size_t column);

  std::vector<ModelCell> cells_;
  std::vector<std::string> texts_;  // empty, or one for each column, at a fixed address
};

// The first `length` bytes (0: all) after the first `skip`.
std::string_view piece_of(std::string_view text, std::size_t skip, std::size_t length);

// Splits text into code points; a byte that is not part of one becomes kInvalidByte + byte. If not
// `is_text`, each byte is a point.
inline constexpr std::uint32_t kInvalidByte = 0x110000;  // above Unicode
void split_text(std::string_view text, bool is_text, std::vector<std::uint32_t>& points);
// Appends a code point or byte; false if it is not valid.
bool append_point(std::uint32_t point, bool is_text, std::string& out);

}  // namespace rootlet
