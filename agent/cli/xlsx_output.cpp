#include "agent/cli/xlsx_output.hpp"

#include "agent/export/xlsx_file.hpp"
#include "core/file/output_file.hpp"

namespace rootlet::agent {
namespace {

// The sheet of rows, and one that says where they come from.
class XlsxOutput final : public RowOutput {
 public:
  XlsxOutput(const CliOutput& output, OutputFile file, fs::path path, XlsxFile workbook)
      : output_(output),
        file_(std::move(file)),
        path_(std::move(path)),
        workbook_(std::move(workbook)) {}

  Status head(const json::object& head) override {
    std::vector<std::string> names;
    types_.clear();
    for (const json::value& value : array_at(head, "columns")) {
      const json::object& column = value.get_object();
      const std::string title = text_at(column, "title", output_.language);
      const std::string name = text_at(column, "name");
      names.push_back(title.empty() ? name : title);
      types_.push_back(text_at(column, "type"));
    }
    const json::object& provenance = object_at(head, "provenance");
    source_.push_back(provenance_line(provenance, output_.language));
    source_.push_back(output_.words({.en = "purpose: ", .zh = "用途："}) +
                      text_at(provenance, "purpose"));
    const std::string exported = text_at(object_at(head, "export"), "line", output_.language);
    if (!exported.empty()) source_.push_back(exported);
    const std::string number = sheets_++ == 0 ? "" : " " + std::to_string(sheets_);
    return workbook_.begin_sheet(output_.words({.en = "rows", .zh = "数据"}) + number, names);
  }

  Status rows(const json::array& rows) override {
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

  Status finish(const json::object& done) override {
    const std::string count = std::to_string(integer_at(done, "count"));
    const bool more = boolean_at(done, "more");
    source_.push_back(more ? output_.words({.en = count + " rows, cut: there are more",
                                            .zh = count + " 行（已截断，还有更多）"})
                           : output_.words({.en = count + " rows", .zh = count + " 行"}));
    ROOTLET_TRY(workbook_.begin_sheet(output_.words({.en = "source", .zh = "来源"}),
                                      {output_.words({.en = "source", .zh = "来源"})}));
    for (const std::string& line : source_) {
      ROOTLET_TRY(workbook_.add_row({line}));
    }
    ROOTLET_TRY(const Bytes bytes, workbook_.finish());
    ROOTLET_TRY(file_.finish(bytes));
    output_.note(output_.words({.en = path_.string() + ": " + count + " rows",
                                .zh = path_.string() + "：" + count + " 行"}));
    warn_if_cut(output_, done);
    return ok();
  }

 private:
  static XlsxCell cell_of(const json::value& cell, const std::string& type) {
    if (cell.is_bool()) return cell.get_bool();
    if (cell.is_int64()) return cell.get_int64();
    if (cell.is_double()) return cell.get_double();
    if (!cell.is_string()) return nullptr;
    std::string text(cell.get_string());
    if (type == "decimal") return DecimalText{std::move(text)};
    return text;
  }

  const CliOutput& output_;
  OutputFile file_;
  fs::path path_;
  XlsxFile workbook_;
  std::vector<std::string> types_, source_;
  int sheets_ = 0;
};

}  // namespace

OptionSpec format_option() {
  return {.name = "format",
          .value_name = "FORM",
          .help = {.en = "table (a block for each row if it is wider than the terminal), wide "
                         "(never blocks), cards, csv, jsonl, or xlsx (with --out)",
                   .zh = "table（宽于终端时每行一块）、wide（不分块）、cards、csv、jsonl "
                         "或 xlsx（须加 --out）"},
          .choices = {"table", "wide", "cards", "csv", "jsonl", "xlsx"}};
}

std::vector<OptionSpec> file_options() {
  return {{.name = "out",
           .value_name = "FILE",
           .help = {.en = "the file that --format xlsx writes", .zh = "--format xlsx 写入的文件"},
           .type = ValueType::kFile},
          {.name = "bom",
           .help = {.en = "begin CSV with a byte order mark, so that Excel reads it as UTF-8",
                    .zh = "CSV 以字节顺序标记开头，便于 Excel 识别为 UTF-8"}}};
}

Result<RowForm> form_of(const CommandRun& run, RowForm fallback) {
  if (run.output.json) return RowForm::kJson;
  if (!run.arguments.has("format")) return fallback;
  return row_form_named(run.arguments.value("format"));
}

Result<std::unique_ptr<RowOutput>> open_row_output(const CommandRun& run, RowForm form) {
  const bool has_file = run.arguments.has("out"), has_mark = run.arguments.has("bom");
  if (has_file != (form == RowForm::kXlsx)) {
    return fail(ErrorCode::kUsage,
                has_file ? "--out is for --format xlsx" : "--format xlsx needs --out FILE");
  }
  if (has_mark && form != RowForm::kCsv) {
    return fail(ErrorCode::kUsage, "--bom is for --format csv");
  }
  if (form != RowForm::kXlsx) return RowOutput::make(form, run.output, has_mark);
  const fs::path path = run.arguments.value("out");
  ROOTLET_TRY(OutputFile file, OutputFile::open(path, FileMode::kPrivate));
  std::error_code ignored;
  ROOTLET_TRY(XlsxFile workbook, XlsxFile::open(fs::absolute(path, ignored).parent_path()));
  return std::unique_ptr<RowOutput>(
      std::make_unique<XlsxOutput>(run.output, std::move(file), path, std::move(workbook)));
}

}  // namespace rootlet::agent
