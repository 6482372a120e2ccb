// One sheet of a workbook (.xlsx, ECMA-376) as rows of texts, row by row: memory is bounded by the
// file, its shared texts and one row.
//
// Texts are as they are stored, rich text without its look, formulas by the value saved with them,
// truth values as "true" and "false", numbers and dates as number_text.hpp says. Merged cells have
// their text in the first one; hidden rows and columns are read too. Empty cells at a row's end and
// empty rows are left out. An error names the sheet, the cell and the reason in both languages. One
// thread.
#pragma once

#include <vector>

#include "core/sheet/xlsx/cell_place.hpp"
#include "core/sheet/xlsx/workbook.hpp"

namespace rootlet {

struct SheetRow {
  std::uint64_t number = 0;  // from 1, as people see it
  std::vector<std::string> cells = {};
};

class XlsxReader {
 public:
  // The sheet named `sheet`, or, for "", the first one that is not hidden. `bytes` must outlive
  // this; `what` names them in errors.
  static Result<XlsxReader> open(ByteView bytes, const std::string& what, std::string_view sheet);
  XlsxReader(XlsxReader&&) noexcept;
  XlsxReader& operator=(XlsxReader&&) = delete;
  ~XlsxReader();

  const std::string& sheet() const;
  std::vector<std::string> sheets() const;  // all of them
  // The next row that holds anything; false at the end. After an error it is at its end.
  Result<bool> next(SheetRow& row);

 private:
  struct State;
  explicit XlsxReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// kBadInput about one cell.
Error cell_error(const std::string& what, const std::string& sheet, CellPlace place,
                 const Text& problem, const Text& rule);

}  // namespace rootlet
