// A table that a person hands over as a file: a sheet of an Excel workbook (xlsx_reader.hpp), or
// CSV with commas, semicolons or tabs, in UTF-8, UTF-16 with a mark or GB 18030. Which one it is,
// the content says, not the name.
//
// Rows of texts as they are written there: leading zeros and identity numbers stay. Our own exports
// come back: the line of their watermark is skipped, and the apostrophe goes that guards a text
// from being computed (core/format/spreadsheet_cell.hpp). Memory is bounded by the file, a
// workbook's shared texts and one row. Errors name the sheet, the cell and the reason. One thread.
#pragma once

#include <memory>

#include "core/sheet/xlsx/xlsx_reader.hpp"

namespace rootlet {

class Sheet {
 public:
  // `bytes` must outlive this; `what` names them in errors. `sheet`: of a workbook, "" is the first
  // one that is not hidden; a name that is not there is kBadInput.
  static Result<Sheet> open(ByteView bytes, const std::string& what, std::string_view sheet = {});
  Sheet(Sheet&&) noexcept;
  Sheet& operator=(Sheet&&) = delete;
  ~Sheet();

  std::string name() const;                // "" of CSV
  std::vector<std::string> names() const;  // of the workbook's sheets; empty for CSV
  // The next row that holds anything, without empty cells at its end; false at the end.
  Result<bool> next(SheetRow& row);
  Error error(CellPlace place, const Text& problem, const Text& rule) const;

 private:
  class Rows;
  class CsvRows;
  class XlsxRows;
  explicit Sheet(std::unique_ptr<Rows> rows, std::string what);
  static Result<std::unique_ptr<Rows>> open_rows(ByteView bytes, const std::string& what,
                                                 std::string_view sheet);
  std::unique_ptr<Rows> rows_;
  std::string what_;
};

// A sheet whose first row names its columns.
class SheetTable {
 public:
  // Reads the headings, without blanks around them. kBadInput, naming the cell, for an empty one or
  // one that was there before, and for a sheet without any.
  static Result<SheetTable> over(Sheet sheet);

  const Sheet& sheet() const { return sheet_; }
  const std::vector<std::string>& columns() const { return columns_; }
  // The next row, with a cell for each column. A cell without a heading is kBadInput.
  Result<bool> next(SheetRow& row);

 private:
  explicit SheetTable(Sheet sheet) : sheet_(std::move(sheet)) {}
  Sheet sheet_;
  std::vector<std::string> columns_;
};

}  // namespace rootlet
