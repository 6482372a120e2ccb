// Rows as the modelled coder sees them: each cell with a hash of its value, texts as code points.
// A row views cells that others own, or holds the texts itself.
#pragma once

#include "sync/pack/table/table.hpp"

namespace rootlet {

struct ModelCell {
  CellView value;
  std::uint32_t hash = 0;  // of the value; 0: null
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

  // Views row `row` of `block`, which must live on. The cells must be of the columns' kinds.
  void view(const RowBlock& block, std::size_t row);
  // The cell itself, and its text, which is copied.
  void set(std::size_t column, const CellView& value);
  void copy(const ModelRow& other);

 private:
  std::string& text_of(std::size_t column);

  std::vector<ModelCell> cells_;
  std::vector<std::string> texts_;  // none yet, or one for each column, which stay where they are
};

// The first `length` bytes (0: all) of what follows the first `skip`.
std::string_view piece_of(std::string_view text, std::size_t skip, std::size_t length);

// Code points of UTF-8; a byte that is not part of any stands for itself above Unicode. Of bytes
// that are no text each one is its own.
inline constexpr std::uint32_t kInvalidByte = 0x110000;  // and the byte
void split_text(std::string_view text, bool is_text, std::vector<std::uint32_t>& points);
// False for what is no code point of text.
bool append_point(std::uint32_t point, bool is_text, std::string& out);

}  // namespace rootlet
