// What a code may look at beside its own column: cells of the same rows in columns that both ends
// have already. A look is one number per row, the same at both ends whatever the cells hold; looks
// are made when first asked for and kept while memory allows. One thread.
#pragma once

#include <map>
#include <tuple>
#include <vector>

#include "sync/pack/table/table.hpp"

namespace rootlet {

// The numbers are the format.
enum class CellFeature : std::uint8_t {
  kEqualsAbove = 1,  // 1 if the cell equals the one of the row above; 0 in the first row
  kSymbol = 2,       // null 0; other cells from 1 in the order in which they first appear
  kNumber = 3,       // the integer, or the number that 1 to 18 digits write; else 0
  kDay = 4,          // days since 1970-01-01 of a date, a time or an identity number; else 0
  kEqualsOld = 5,    // 1 if the cell equals the row's old one
};

// The old texts of a column, up to some of them, as both ends know them before it is told.
struct ValueDictionary {
  std::vector<std::string_view> values;  // different ones, those first that most rows have
  std::vector<std::uint32_t> rows;       // ascending
  std::vector<std::int64_t> indexes;     // value of each row
};

// The same by characters.
struct CharacterDictionary {
  std::vector<std::uint32_t> alphabet;  // code points, those first that come most
  std::vector<std::uint32_t> rows;      // ascending
  std::vector<std::size_t> lengths;     // of each row's text, in characters
  std::vector<std::uint32_t> symbols;   // of the texts, one after the other: places in the alphabet
};

class BlockCells {
 public:
  using Numbers = std::vector<std::int64_t>;

  BlockCells(std::size_t rows, std::size_t columns)
      : rows_(rows), columns_(columns, nullptr), old_columns_(columns, nullptr) {}

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_.size(); }
  // From now on `cells`, one for each row, is what `column` holds. It must outlive the looks.
  void set(std::size_t column, const CellColumn& cells);
  // What the rows are told against: `old_cells`, one for each row, is what `column` holds until
  // set() says otherwise. It must outlive the looks.
  void set_old(std::size_t column, const CellColumn& old_cells);
  bool has(std::size_t column) const {
    return column < columns_.size() && columns_[column] != nullptr;
  }
  // The column whose cells are being coded.
  void set_current(std::size_t column) { current_ = column; }
  // Of its old cells; empty if it has none.
  const ValueDictionary& value_dictionary();
  const CharacterDictionary& character_dictionary();
  bool has_old(std::size_t column) const {
    return column < old_columns_.size() && old_columns_[column] != nullptr;
  }
  // has(column).
  CellView at(std::size_t column, std::size_t row) const { return columns_[column]->at(row); }
  // One number per row; has(column), and has_old(column) for kEqualsOld. `prefix`: kSymbol sees
  // only so many bytes of a text; 0: all. Valid until the next call.
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
