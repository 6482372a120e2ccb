// What a column looks like and which other columns tell about it, found from a sample of rows that
// both ends hold. It only guides the model, so it may be wrong, and it costs no byte; both ends
// find the same one, because it is pure and counts in integers.
#pragma once

#include <span>

#include "sync/pack/model/model_row.hpp"

namespace rootlet {

// Some bytes of another column's text, or its whole value.
struct ColumnPiece {
  int column = -1;          // an earlier one; -1: none
  std::uint8_t skip = 0;    // bytes
  std::uint8_t length = 0;  // bytes; 0: all
  std::uint32_t hash_in(const ModelRow& row) const;
};

// Places in the shape of a column's texts.
enum ShapeMark : char {
  kAnyDigit = 1,
  kRandomDigit = 2,    // looks like chance
  kRandomToFive = 3,   // from 0 to 5, and looks like chance
  kIdentityCheck = 4,  // the check character of an identity number
};

struct ColumnStatistics {
  enum class Kind : std::uint8_t {
    kText,         // character by character
    kWords,        // few different values
    kDigits,       // texts of one shape
    kNumber,       // 64-bit integers
    kRandomBytes,  // bytes that look like chance: hashes
  };
  Kind kind = Kind::kText;
  bool is_text = true;     // UTF-8, not bytes
  bool has_nulls = true;   // nulls are to be expected
  std::string shape = {};  // kDigits: a ShapeMark or a character that stands for itself
  int word_bits = 0;       // kWords: up to 2^bits - 1 values have numbers
  // Mostly the piece `source` of an earlier column; with_dashes: "yyyymmdd" as a date.
  ColumnPiece source = {};
  bool with_dashes = false;
  ColumnPiece first_predictor = {},
              second_predictor = {};  // what tells most about it, and most beside that
};

std::vector<ColumnStatistics> find_column_statistics(std::span<const ColumnSpec> columns,
                                                     std::span<const ModelRow* const> sample);

// The cell that `statistics.source` leads to; null if it leads nowhere.
CellView derive_cell(const ColumnStatistics& statistics, const ModelRow& row, std::string& buffer);

bool has_shape(std::string_view text, std::string_view shape);
// The check character of an identity number's first 17 digits (GB 11643).
char identity_check_of(std::string_view digits17);

}  // namespace rootlet
