// The events of a worksheet's part as rows (xlsx_reader.hpp).
#pragma once

#include <functional>

#include "core/sheet/xlsx/xlsx_reader.hpp"
#include "core/sheet/xlsx/xml_reader.hpp"

namespace rootlet {

class SheetEvents final : public XmlEvents {
 public:
  // Both must outlive this.
  SheetEvents(const Workbook& book, const SharedStrings& strings, std::string what,
              std::string sheet)
      : book_(book), strings_(strings), what_(std::move(what)), sheet_(std::move(sheet)) {}

  Status begin(int depth, std::string_view name, const XmlAttributes& attributes) override;
  Status end(int depth, std::string_view name) override;
  Status text(int depth, std::string_view piece) override;

  // Called at the end of each row that holds anything.
  std::function<void()> on_row;
  SheetRow& row() { return row_; }

 private:
  Status begin_row(const XmlAttributes& attributes);
  Status begin_cell(const XmlAttributes& attributes);
  Status end_cell();
  Result<std::string> cell_text() const;
  Result<std::string> shared_text() const;
  Result<std::string> number() const;
  Status place_text(std::string text);
  Error wrong(const Text& problem, const Text& rule) const;
  Error wrong_place(std::string_view name) const;

  const Workbook& book_;
  const SharedStrings& strings_;
  const std::string what_, sheet_;

  bool in_data_ = false, in_row_ = false;
  SheetRow row_;
  std::size_t row_bytes_ = 0;
  std::uint64_t last_row_ = 0;

  // The cell that is read.
  CellPlace place_;
  std::uint64_t next_column_ = 0;
  std::string type_, value_;
  std::size_t style_ = 0;
  bool in_cell_ = false, has_formula_ = false, has_value_ = false;
  bool is_inline_ = false, is_sounds_ = false;
  enum class Takes { kNothing, kText } takes_ = Takes::kNothing;
};

}  // namespace rootlet
