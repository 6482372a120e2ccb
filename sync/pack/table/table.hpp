// Tables as columns of cells: what packs carry, what digests cover and what both ends store.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.hpp"

namespace rootlet {

enum class ColumnType : std::uint8_t {
  kText = 1,      // UTF-8
  kInteger = 2,   // 64-bit
  kDecimal = 3,   // 64-bit, scaled by 10^scale
  kDate = 4,      // text "YYYY-MM-DD"
  kDatetime = 5,  // text "YYYY-MM-DDThh:mm:ssZ", or with a blank and no zone, as in the source
  kBoolean = 6,   // integer 0 or 1
  kBytes = 7,     // raw bytes; only in the platform's own streams
};

// True if cells of `type` are 64-bit integers, false if they are bytes.
inline bool holds_integers(ColumnType type) {
  return type == ColumnType::kInteger || type == ColumnType::kDecimal ||
         type == ColumnType::kBoolean;
}

struct ColumnSpec {
  std::string name;  // the masked form of a graded column is named "<name>~"
  ColumnType type = ColumnType::kText;
  std::uint8_t scale = 0;  // decimal places, kDecimal only
  bool operator==(const ColumnSpec&) const = default;
};

// The columns of one section of a pack. The first section (grade 1) also says which rows exist.
struct SectionSchema {
  Grade grade = 1;
  std::vector<ColumnSpec> columns;
  bool operator==(const SectionSchema&) const = default;
};

// A view of one cell. The text belongs to the column it came from and is valid until that column
// changes.
struct CellView {
  enum class Kind : std::uint8_t { kNull, kInteger, kText };
  Kind kind = Kind::kNull;
  std::int64_t integer = 0;
  std::string_view text = {};
  bool operator==(const CellView&) const = default;
};

// The cells of one column, in row order: about 12 bytes a cell and its text.
class CellColumn {
 public:
  void push_null();
  void push_integer(std::int64_t value);
  void push_text(std::string_view value);  // copied
  void push(const CellView& cell);
  // Replaces all cells by texts, which lie end to end in `bytes`; `ends` has the end of each.
  void assign_texts(std::string bytes, const std::vector<std::size_t>& ends);
  std::size_t size() const { return entries_.size(); }
  CellView at(std::size_t row) const {
    if (row >= entries_.size()) std::abort();  // a bug in the caller
    const Entry& entry = entries_[row];
    if (entry.length == kNullMark) return {};
    if (entry.length == kIntegerMark) return {CellView::Kind::kInteger, entry.number, {}};
    return {CellView::Kind::kText,
            0,
            {arena_.data() + entry.number, static_cast<std::size_t>(entry.length)}};
  }
  std::size_t text_bytes() const { return arena_.size(); }
  void clear();

 private:
  static constexpr std::int32_t kNullMark = -1;
  static constexpr std::int32_t kIntegerMark = -2;
  struct Entry {
    std::int64_t number;  // the integer, or the offset of the text
    std::int32_t length;  // of the text, or one of the marks above
  };
  std::vector<Entry> entries_;
  std::string arena_;
};

// Rows as columns; every column has `rids.size()` cells.
struct RowBlock {
  std::vector<Rid> rids = {};  // ascending, distinct
  std::vector<CellColumn> columns = {};
};

}  // namespace rootlet
