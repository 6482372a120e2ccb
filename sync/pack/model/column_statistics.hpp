// What a column looks like and which other columns predict it, found from the priming rows. Nothing
// of it is sent: both ends find the same, because this is pure and uses integers only. It guides
// the model, so bad statistics cost bytes but not correctness.
#pragma once

#include <span>

#include "sync/pack/model/model_row.hpp"

namespace rootlet {

// A byte range of another column's text, or its whole value.
struct ColumnPiece {
  int column = -1;          // an earlier column; -1: none
  std::uint8_t skip = 0;    // bytes
  std::uint8_t length = 0;  // bytes; 0: all
  std::uint32_t hash_in(const ModelRow& row) const;
};

// Marks in the shape of a column's texts.
enum ShapeMark : char {
  kAnyDigit = 1,
  kRandomDigit = 2,    // digits look random
  kRandomToFive = 3,   // 0 to 5, and digits look random
  kIdentityCheck = 4,  // the check character of an identity number
};

struct ColumnStatistics {
  enum class Kind : std::uint8_t {
    kText,         // coded by characters
    kWords,        // few distinct values
    kDigits,       // texts of one shape
    kNumber,       // 64-bit integers
    kRandomBytes,  // bytes that look random, such as hashes
  };
  Kind kind = Kind::kText;
  bool is_text = true;     // UTF-8, not bytes
  bool has_nulls = true;   // the sample has nulls, or is empty
  std::string shape = {};  // kDigits: each byte a ShapeMark, or a character that stands for itself
  int word_bits = 0;       // kWords: up to 2^bits - 1 values are numbered
  // If set, most cells are this piece of an earlier column. with_dashes: "yyyymmdd" written as a
  // date.
  ColumnPiece source = {};
  bool with_dashes = false;
  // The best predictor of the column, and the one that adds most to it.
  ColumnPiece first_predictor = {}, second_predictor = {};
};

std::vector<ColumnStatistics> find_column_statistics(std::span<const ColumnSpec> columns,
                                                     std::span<const ModelRow* const> sample);

// The cell derived through `statistics.source`, which must be set; null if the source is too short.
// Its text is in `buffer`.
CellView derive_cell(const ColumnStatistics& statistics, const ModelRow& row, std::string& buffer);

bool has_shape(std::string_view text, std::string_view shape);
// The check digit for the first 17 digits of an identity number (GB 11643).
char identity_check_of(std::string_view digits17);

}  // namespace rootlet
