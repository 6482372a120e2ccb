// What a code may use in addition to its own column: cells of the same rows in columns that both
// ends already have, and dictionaries of the column's old cells (docs/FORMATS.md, "Column codes").
// A feature is one number per row, derived from a column; both ends derive the same. Features are
// computed on first use and cached while memory allows. One thread.
#pragma once

#include <map>
#include <tuple>
#include <vector>

#include "sync/pack/table/table.hpp"

namespace rootlet {

// The values are part of the format.
enum class CellFeature : std::uint8_t {
  kEqualsAbove = 1,  // 1 if the cell equals the one in the row above; 0 in the first row
  kSymbol = 2,       // 0 for null; other cells from 1, in order of first appearance
  kNumber = 3,       // the integer, or the value of 1 to 18 digits; otherwise 0
  kDay = 4,          // days since 1970-01-01 of a date, time or identity number; otherwise 0
  kEqualsOld = 5,    // 1 if the cell equals the row's old cell
};

// The distinct texts among a column's old cells, which both ends know before the column is coded. A
// model can be primed with `rows` and `indexes`.
struct ValueDictionary {
  std::vector<std::string_view> values;  // distinct, most frequent first
  std::vector<std::uint32_t> rows;       // ascending
  std::vector<std::int64_t> indexes;     // into `values`, one for each of `rows`
};

// The same for the characters of those texts.
struct CharacterDictionary {
  std::vector<std::uint32_t> alphabet;  // code points, most frequent first
  std::vector<std::uint32_t> rows;      // ascending
  std::vector<std::size_t> lengths;     // in characters, one for each of `rows`
  std::vector<std::uint32_t> symbols;   // indexes into `alphabet`, all texts end to end
};

class BlockCells {
 public:
  using Numbers = std::vector<std::int64_t>;

  BlockCells(std::size_t rows, std::size_t columns)
      : rows_(rows), columns_(columns, nullptr), old_columns_(columns, nullptr) {}

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_.size(); }
  // Makes `cells`, one for each row, the current cells of `column`. The caller keeps them alive as
  // long as this object uses them.
  void set(std::size_t column, const CellColumn& cells);
  // Makes `old_cells`, one for each row, the old cells of `column`, and also its current cells
  // until set() replaces them. The caller keeps them alive.
  void set_old(std::size_t column, const CellColumn& old_cells);
  bool has(std::size_t column) const {
    return column < columns_.size() && columns_[column] != nullptr;
  }
  // Selects the column that is being coded, to which the dictionaries belong.
  void set_current(std::size_t column) { current_ = column; }
  // Dictionaries of that column's old cells; empty if it has none. Valid as long as this object.
  const ValueDictionary& value_dictionary();
  const CharacterDictionary& character_dictionary();
  bool has_old(std::size_t column) const {
    return column < old_columns_.size() && old_columns_[column] != nullptr;
  }
  // Requires has(column).
  CellView at(std::size_t column, std::size_t row) const { return columns_[column]->at(row); }
  // One number per row. Requires has(column), and has_old(column) for kEqualsOld. With a `prefix`
  // above 0, kSymbol sees only that many bytes of a text. Valid until the next call.
  const Numbers& feature(std::size_t column, CellFeature feature, std::size_t prefix = 0);

 private:
  using Key = std::tuple<std::size_t, CellFeature, std::size_t>;

  Numbers compute(std::size_t column, CellFeature feature, std::size_t prefix) const;

  std::size_t rows_;
  std::vector<const CellColumn*> columns_, old_columns_;
  std::size_t current_ = 0;
  std::map<std::size_t, ValueDictionary> value_dictionaries_;  // by column
  std::map<std::size_t, CharacterDictionary> character_dictionaries_;
  std::map<Key, Numbers> features_;
};

}  // namespace rootlet
