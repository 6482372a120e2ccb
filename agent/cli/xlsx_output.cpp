#include "agent/cli/xlsx_output.hpp"

#include "agent/export/xlsx_rows.hpp"
#include "core/file/output_file.hpp"

namespace rootlet::agent {
namespace {

class XlsxOutput final : public RowOutput {
 public:
  XlsxOutput(const CliOutput& output, OutputFile file, fs::path path, XlsxFile workbook)
      : output_(output),
        file_(std::move(file)),
        path_(std::move(path)),
        rows_(std::move(workbook), output.language) {}

  Status head(const json::object& head) override { return rows_.head(head); }
  Status rows(const json::array& rows) override { return rows_.rows(rows); }

  Status finish(const json::object& done) override {
    const std::string count = std::to_string(integer_at(done, "count"));
    ROOTLET_TRY(const Bytes bytes, rows_.finish(done));
    ROOTLET_TRY(file_.finish(bytes));
    output_.note(output_.words({.en = path_.string() + ": " + count + " rows",
                                .zh = path_.string() + "：" + count + " 行"}));
    warn_if_cut(output_, done);
    return ok();
  }

 private:
  const CliOutput& output_;
  OutputFile file_;
  fs::path path_;
  XlsxRows rows_;
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
