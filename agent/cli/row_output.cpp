// The forms for programs: CSV, JSON Lines, JSON. Those for people are in row_table.cpp.
#include "agent/cli/row_output.hpp"

#include "agent/channel/row_values.hpp"
#include "agent/cli/text/words.hpp"
#include "agent/export/provenance_line.hpp"
#include "core/format/csv.hpp"
#include "core/format/export_mark.hpp"
#include "core/format/json_values.hpp"
#include "core/format/spreadsheet_cell.hpp"
#include "core/local_limits.hpp"

namespace rootlet::agent {
namespace {

// As SQLite writes it: 4.5, 1e+20.
std::string readable_number(double number) {
  char text[32];
  const int size = std::snprintf(text, sizeof text, "%.15g", number);
  return std::string(text, static_cast<std::size_t>(size));
}

// Who exported the rows, and where the ledger says so; empty if they are no export.
std::string export_line(const json::object& head, Language language) {
  return text_at(object_at(head, "export"), "line", language);
}

// Where the rows come from, for the person at the terminal; the output itself is pure data.
void note_provenance(const CliOutput& output, const json::object& head) {
  if (output.error_width == 0) return;
  output.note(provenance_line(object_at(head, "provenance"), output.language));
}

Text guard_notice(std::uint64_t count) {
  const std::string cells = std::to_string(count);
  return {.en = "note: " + cells + (count == 1 ? " cell begins" : " cells begin") +
                " like a formula (=, +, -, @) and got an apostrophe in front, so that no "
                "spreadsheet computes it. The platform's import takes it off; --format jsonl has "
                "the exact text.",
          .zh = "注意：有 " + cells +
                " 个单元格以公式符号（=、+、-、@）开头，已在前面加单引号，防止电子表格计算。"
                "平台导入时会自动去掉；--format jsonl 为原文。"};
}

class CsvOutput final : public RowOutput {
 public:
  CsvOutput(const CliOutput& output, bool byte_order_mark)
      : output_(output), byte_order_mark_(byte_order_mark) {}

  Status head(const json::object& head) override {
    note_provenance(output_, head);
    watermark_ = export_line(head, output_.language);
    const std::vector<std::string> names = column_names(head);
    if (std::exchange(byte_order_mark_, false)) {
      ROOTLET_TRY(output_.print_data("\xEF\xBB\xBF"));
    }
    return write(std::vector<std::string_view>(names.begin(), names.end()));
  }

  Status rows(const json::array& rows) override {
    std::string text;
    for (const json::value& row : rows) append_row(text, row.get_array());
    return output_.print_data(text);
  }

  // The watermark is the last line, so that the rows before it stay a plain table.
  Status finish(const json::object& done) override {
    warn_if_cut(output_, done);
    if (!watermark_.empty()) {
      ROOTLET_TRY(output_.print_data(export_mark_line(watermark_)));
      output_.note(watermark_);
    }
    if (guarded_ == 0) return ok();
    output_.note(output_.words(guard_notice(guarded_)));
    return ok();
  }

 private:
  Status write(const std::vector<std::string_view>& fields) {
    std::string text;
    append_csv_row(text, fields);
    return output_.print_data(text);
  }
  void append_row(std::string& text, const json::array& cells) {
    std::vector<std::string> owned;
    owned.reserve(cells.size());
    for (const json::value& cell : cells) {
      std::string shown = cell_text(cell), scratch;
      if (cell.is_string() && needs_guard(shown)) {
        shown = guarded_cell(shown, scratch);
        ++guarded_;
      }
      owned.push_back(std::move(shown));
    }
    append_csv_row(text, std::vector<std::string_view>(owned.begin(), owned.end()));
  }
  const CliOutput& output_;
  bool byte_order_mark_;
  std::string watermark_;
  std::uint64_t guarded_ = 0;
};

class JsonLinesOutput final : public RowOutput {
 public:
  explicit JsonLinesOutput(const CliOutput& output) : output_(output) {}

  Status head(const json::object& head) override {
    note_provenance(output_, head);
    names_ = column_names(head);
    export_ = object_at(head, "export");
    return ok();
  }

  Status rows(const json::array& rows) override {
    std::string text;
    for (const json::value& row : rows) text += json::serialize(row_object(names_, row)) + "\n";
    return output_.print_json_text(text);
  }

  Status finish(const json::object& done) override {
    warn_if_cut(output_, done);
    if (export_.empty()) return ok();
    output_.note(text_at(export_, "line", output_.language));
    return output_.print_json_text(json::serialize(json::object{{"export", export_}}) + "\n");
  }

 private:
  const CliOutput& output_;
  std::vector<std::string> names_;
  json::object export_;  // the last line of an export
};

// {"results": [{"provenance", "columns", "rows"}], "count", "more", "truncated"}, written as it
// comes. Nothing is written before the first head, so that an early error is the only document.
class JsonOutput final : public RowOutput {
 public:
  explicit JsonOutput(const CliOutput& output) : output_(output) {}

  Status head(const json::object& head) override {
    names_ = column_names(head);
    const json::object& exported = object_at(head, "export");
    const std::string start = any_ ? "\n]},\n" : "{\"results\": [\n";
    any_ = true;
    first_row_ = true;
    return output_.print_json_text(
        start + "{\"provenance\": " + json::serialize(object_at(head, "provenance")) +
        (exported.empty() ? "" : ",\n\"export\": " + json::serialize(exported)) +
        ",\n\"columns\": " + json::serialize(array_at(head, "columns")) + ",\n\"rows\": [");
  }

  Status rows(const json::array& rows) override {
    std::string text;
    for (const json::value& row : rows) {
      text += (first_row_ ? "\n" : ",\n") + json::serialize(row_object(names_, row));
      first_row_ = false;
    }
    return output_.print_json_text(text);
  }

  Status finish(const json::object& done) override {
    warn_if_cut(output_, done);
    const std::string more = boolean_at(done, "more") ? "true" : "false";
    return output_.print_json_text(std::string(any_ ? "\n]}\n]" : "{\"results\": []") +
                                   ", \"count\": " + std::to_string(integer_at(done, "count")) +
                                   ", \"more\": " + more + ", \"truncated\": " + more +
                                   own_records(done) + "}\n");
  }

 private:
  // Of a search: what it found among the office's own records.
  static std::string own_records(const json::object& done) {
    const json::value* own = done.if_contains("own_records");
    return own == nullptr ? std::string() : ", \"own_records\": " + json::serialize(*own);
  }

  const CliOutput& output_;
  std::vector<std::string> names_;
  bool any_ = false, first_row_ = true;
};

}  // namespace

std::string cell_text(const json::value& cell) {
  if (cell.is_null()) return "";
  if (cell.is_string()) return std::string(cell.get_string());
  if (cell.is_double()) return readable_number(cell.get_double());
  return json::serialize(cell);  // numbers, true, false
}

void warn_if_cut(const CliOutput& output, const json::object& done) {
  if (!boolean_at(done, "more")) return;
  const std::string count = std::to_string(integer_at(done, "count"));
  if (text_at(done, "cut") == "bytes") {
    output.note(output.words({.en = "warning: cut at " + count +
                                    " rows, because the answer is too large; there are more. Take "
                                    "fewer columns, or narrow it with WHERE.",
                              .zh = "警告：结果过大，只输出了 " + count +
                                    " 行，还有更多。请减少列或用 WHERE 缩小范围。"}));
    return;
  }
  if (text_at(done, "cut") == "export") {
    output.note(
        output.words({.en = "warning: cut at " + count +
                            " rows; more are an export, which the grant does not allow.",
                      .zh = "警告：只输出了 " + count + " 行；更多属于导出，授权不允许。"}));
    return;
  }
  if (integer_at(done, "count") >= static_cast<std::int64_t>(limits::kExportRows)) {
    output.note(output.words(
        {.en = "warning: cut at " + count +
               " rows, the most of one export; there are more. Split it "
               "with --where.",
         .zh = "警告：一次导出最多 " + count + " 行，还有更多；请用 --where 分批导出。"}));
    return;
  }
  output.note(output.words(
      {.en = "warning: cut at " + count + " rows by --limit; there are more. --limit 0 gives all.",
       .zh = "警告：因 --limit 只输出了 " + count + " 行，还有更多；--limit 0 输出全部。"}));
}

std::unique_ptr<RowOutput> RowOutput::make(RowForm form, const CliOutput& output,
                                           bool byte_order_mark) {
  switch (form) {
    case RowForm::kCsv:
      return std::make_unique<CsvOutput>(output, byte_order_mark);
    case RowForm::kJsonLines:
      return std::make_unique<JsonLinesOutput>(output);
    case RowForm::kJson:
      return std::make_unique<JsonOutput>(output);
    case RowForm::kCards:
      return make_card_output(output);
    case RowForm::kXlsx:
    case RowForm::kTable:
    case RowForm::kWide:
      break;
  }
  return make_table_output(form, output);
}

Result<RowForm> row_form_named(std::string_view name) {
  if (name == "table") return RowForm::kTable;
  if (name == "wide") return RowForm::kWide;
  if (name == "cards") return RowForm::kCards;
  if (name == "csv") return RowForm::kCsv;
  if (name == "jsonl") return RowForm::kJsonLines;
  if (name == "xlsx") return RowForm::kXlsx;
  return fail(ErrorCode::kUsage,
              "--format " + std::string(name) + ": table, wide, cards, csv, jsonl or xlsx");
}

}  // namespace rootlet::agent
