#include "agent/export/xlsx_rows.hpp"

#include "agent/export/provenance_line.hpp"
#include "core/format/json_values.hpp"

namespace rootlet::agent {
namespace {

// An identifier is text, so it stays text whatever its digits look like.
XlsxCell cell_of(const json::value& cell, const std::string& type) {
  if (cell.is_bool()) return cell.get_bool();
  if (cell.is_int64()) return cell.get_int64();
  if (cell.is_double()) return cell.get_double();
  if (!cell.is_string()) return nullptr;
  std::string text(cell.get_string());
  if (type == "decimal") return DecimalText{std::move(text)};
  return text;
}

}  // namespace

Status XlsxRows::head(const json::object& head) {
  std::vector<std::string> names;
  types_.clear();
  for (const json::value& value : array_at(head, "columns")) {
    const json::object& column = value.get_object();
    const std::string title = text_at(column, "title", language_);
    names.push_back(title.empty() ? text_at(column, "name") : title);
    types_.push_back(text_at(column, "type"));
  }
  const json::object& provenance = object_at(head, "provenance");
  source_.push_back(provenance_line(provenance, language_));
  source_.push_back(words({.en = "purpose: ", .zh = "用途："}) + text_at(provenance, "purpose"));
  const std::string exported = text_at(object_at(head, "export"), "line", language_);
  if (!exported.empty()) source_.push_back(exported);
  const std::string number = sheets_++ == 0 ? "" : " " + std::to_string(sheets_);
  return workbook_.begin_sheet(words({.en = "rows", .zh = "数据"}) + number, names);
}

Status XlsxRows::rows(const json::array& rows) {
  for (const json::value& row : rows) {
    const json::array& cells = row.get_array();
    std::vector<XlsxCell> out;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      out.push_back(cell_of(cells[i], i < types_.size() ? types_[i] : ""));
    }
    ROOTLET_TRY(workbook_.add_row(out));
  }
  return ok();
}

Result<Bytes> XlsxRows::finish(const json::object& done) {
  const std::string count = std::to_string(integer_at(done, "count"));
  source_.push_back(boolean_at(done, "more") ? words({.en = count + " rows, cut: there are more",
                                                      .zh = count + " 行（已截断，还有更多）"})
                                             : words({.en = count + " rows", .zh = count + " 行"}));
  const std::string title = words({.en = "source", .zh = "来源"});
  ROOTLET_TRY(workbook_.begin_sheet(title, {title}));
  for (const std::string& line : source_) {
    ROOTLET_TRY(workbook_.add_row({line}));
  }
  return workbook_.finish();
}

}  // namespace rootlet::agent
