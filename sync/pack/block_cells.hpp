// What a code may look at beside its own column: cells of the same rows in columns that both ends
// have already. A look is one number per row, the same at both ends whatever the cells hold; looks
// are made when first asked for and kept while memory allows. One thread.
#pragma once

#include <map>
#include <tuple>
#include <vector>

#include "sync/pack/table.hpp"

namespace rootlet {

// The numbers are the format.
enum class Look : std::uint8_t {
  kAsAbove = 1,  // 1 if the cell equals the one of the row above; 0 in the first row
  kSymbol = 2,   // null 0; other cells from 1 in the order in which they first appear
  kNumber = 3,   // the integer, or the number that 1 to 18 digits write; else 0
  kDay = 4,      // days since 1970-01-01 of a date, a time or an identity number; else 0
};

class BlockCells {
 public:
  using Numbers = std::vector<std::int64_t>;

  BlockCells(std::size_t rows, std::size_t columns) : rows_(rows), columns_(columns, nullptr) {}

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_.size(); }
  // From now on `cells`, one for each row, is what `column` holds. It must outlive the looks.
  void set(std::size_t column, const CellColumn& cells);
  bool has(std::size_t column) const {
    return column < columns_.size() && columns_[column] != nullptr;
  }
  // has(column).
  CellView at(std::size_t column, std::size_t row) const { return columns_[column]->at(row); }
  // One number per row; has(column). `prefix`: kSymbol sees only so many bytes of a text; 0: all.
  // Valid until the next call.
  const Numbers& look(std::size_t column, Look look, std::size_t prefix = 0);

 private:
  using Key = std::tuple<std::size_t, Look, std::size_t>;

  Numbers make(const CellColumn& cells, Look look, std::size_t prefix) const;

  std::size_t rows_;
  std::vector<const CellColumn*> columns_;
  std::map<Key, Numbers> looks_;
};

}  // namespace rootlet
