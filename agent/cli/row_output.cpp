// The forms in which rows are written as they arrive: table, cards, CSV, JSON Lines, JSON.
#include "agent/cli/row_output.hpp"

#include "config/output/text_table.hpp"
#include "core/format/csv.hpp"
#include "core/format/json_values.hpp"
#include "core/unicode/visible_text.hpp"

namespace rootlet::agent {
namespace {

constexpr std::size_t kTableRowsAtOnce = 500;  // the column widths are computed over so many

std::string cell_text(const json::value& cell) {
  if (cell.is_null()) return "";
  if (cell.is_string()) return std::string(cell.get_string());
  return json::serialize(cell);  // numbers, true, false
}

std::vector<std::string> column_names(const json::object& head) {
  std::vector<std::string> out;
  for (const json::value& column : array_at(head, "columns")) {
    out.push_back(text_at(column.get_object(), "name"));
  }
  return out;
}

json::object row_object(const std::vector<std::string>& names, const json::value& row) {
  json::object out;
  const json::array& cells = row.get_array();
  for (std::size_t i = 0; i < names.size() && i < cells.size(); ++i) out[names[i]] = cells[i];
  return out;
}

std::string total_line(const json::object& done, Language language) {
  const std::string count = std::to_string(integer_at(done, "count"));
  const bool more = boolean_at(done, "more");
  if (language == Language::kChinese) {
    return more ? "只显示 " + count + " 行，还有更多：用 --limit N，--limit 0 为全部"
                : count + " 行";
  }
  return more ? count + " of more rows: use --limit N, --limit 0 gives all"
              : count + (count == "1" ? " row" : " rows");
}

// A file that ends at the limit looks complete, so the person who asked for it is warned.
void warn_if_cut(const CliOutput& output, const json::object& done) {
  if (!boolean_at(done, "more")) return;
  const std::string count = std::to_string(integer_at(done, "count"));
  output.note(output.words(
      {.en = "warning: cut at " + count + " rows by --limit; there are more. --limit 0 gives all.",
       .zh = "警告：因 --limit 只输出了 " + count + " 行，还有更多；--limit 0 输出全部。"}));
}

// Where the rows come from, for the person at the terminal; the output itself is pure data.
void note_provenance(const CliOutput& output, const json::object& head) {
  if (output.error_width == 0) return;
  output.note(provenance_line(object_at(head, "provenance"), output.language));
}

// Would a spreadsheet that opens the CSV file compute this text? Signed numbers are only numbers.
bool looks_like_formula(std::string_view text) {
  if (text.empty()) return false;
  if (text[0] == '=' || text[0] == '@' || text[0] == '\t' || text[0] == '\r') return true;
  const bool has_sign = text[0] == '+' || text[0] == '-';
  return has_sign && text.find_first_not_of("0123456789.", 1) != std::string_view::npos;
}

Text formula_warning(std::uint64_t count) {
  const std::string cells = std::to_string(count);
  return {.en = "note: " + cells + (count == 1 ? " cell begins" : " cells begin") +
                " like a formula (=, +, -, @). A spreadsheet that opens the file would compute it: "
                "import the columns as text.",
          .zh = "注意：有 " + cells +
                " 个单元格以公式符号（=、+、-、@）开头，用电子表格直接打开会被计算：请以“文本”"
                "格式导入。"};
}

class TableOutput final : public RowOutput {
 public:
  explicit TableOutput(const CliOutput& output) : output_(output) {}

  Status head(const json::object& head) override {
    ROOTLET_TRY(flush());
    names_ = column_names(head);
    provenance_ = provenance_line(object_at(head, "provenance"), output_.language);
    if (any_) {
      ROOTLET_TRY(output_.print("\n"));
    }
    any_ = true;
    fresh_ = true;
    return ok();
  }

  Status rows(const json::array& rows) override {
    for (const json::value& row : rows) {
      std::vector<std::string> cells;
      for (const json::value& cell : row.get_array()) cells.push_back(cell_text(cell));
      waiting_.push_back(std::move(cells));
      if (waiting_.size() >= kTableRowsAtOnce) {
        ROOTLET_TRY(write_waiting());
      }
    }
    return ok();
  }

  Status finish(const json::object& done) override {
    ROOTLET_TRY(flush());
    return output_.print(total_line(done, output_.language) + "\n");
  }

 private:
  Status write_waiting() {
    TextTable table(names_);
    for (auto& row : waiting_) table.add(std::move(row));
    waiting_.clear();
    const std::size_t width = output_.out_width;
    const std::string text = fresh_ ? table.text(width) : table.text_without_titles(width);
    fresh_ = false;
    return output_.print(text);
  }
  Status flush() {
    if (!any_) return ok();
    if (!waiting_.empty()) {
      ROOTLET_TRY(write_waiting());
    }
    return output_.print(provenance_ + "\n");
  }

  const CliOutput& output_;
  std::vector<std::string> names_;
  std::vector<std::vector<std::string>> waiting_;
  std::string provenance_;
  bool any_ = false, fresh_ = true;
};

// A line for each column of a row, for `show`.
class CardOutput final : public RowOutput {
 public:
  explicit CardOutput(const CliOutput& output) : output_(output) {}

  Status head(const json::object& head) override {
    titles_.clear();
    for (const json::value& column : array_at(head, "columns")) {
      titles_.push_back(visible_text(text_at(column.get_object(), "title", output_.language)));
    }
    provenance_ = provenance_line(object_at(head, "provenance"), output_.language);
    return ok();
  }

  Status rows(const json::array& rows) override {
    std::size_t width = 0;
    for (const std::string& title : titles_) width = std::max(width, display_width(title));
    std::string text;
    for (const json::value& row : rows) {
      const json::array& cells = row.get_array();
      for (std::size_t i = 0; i < titles_.size() && i < cells.size(); ++i) {
        text += fit_to_width(titles_[i], width) + "  " + visible_text(cell_text(cells[i])) + "\n";
      }
      text += "\n";
    }
    return output_.print(text);
  }

  Status finish(const json::object&) override { return output_.print(provenance_ + "\n"); }

 private:
  const CliOutput& output_;
  std::vector<std::string> titles_;
  std::string provenance_;
};

class CsvOutput final : public RowOutput {
 public:
  explicit CsvOutput(const CliOutput& output) : output_(output) {}

  Status head(const json::object& head) override {
    note_provenance(output_, head);
    const std::vector<std::string> names = column_names(head);
    return write(std::vector<std::string_view>(names.begin(), names.end()));
  }

  Status rows(const json::array& rows) override {
    std::string text;
    for (const json::value& row : rows) append_row(text, row.get_array());
    for (const json::value& row : rows) count_formulas(row.get_array());
    return output_.print_data(text);
  }

  // The cells are left as they are: a program that reads the file must find what was published.
  Status finish(const json::object& done) override {
    warn_if_cut(output_, done);
    if (formulas_ == 0) return ok();
    output_.note(output_.words(formula_warning(formulas_)));
    return ok();
  }

 private:
  Status write(const std::vector<std::string_view>& fields) {
    std::string text;
    append_csv_row(text, fields);
    return output_.print_data(text);
  }
  static void append_row(std::string& text, const json::array& cells) {
    std::vector<std::string> owned;
    owned.reserve(cells.size());
    for (const json::value& cell : cells) owned.push_back(cell_text(cell));
    append_csv_row(text, std::vector<std::string_view>(owned.begin(), owned.end()));
  }
  void count_formulas(const json::array& cells) {
    for (const json::value& cell : cells) {
      formulas_ += cell.is_string() && looks_like_formula(cell.get_string()) ? 1 : 0;
    }
  }
  const CliOutput& output_;
  std::uint64_t formulas_ = 0;
};

class JsonLinesOutput final : public RowOutput {
 public:
  explicit JsonLinesOutput(const CliOutput& output) : output_(output) {}

  Status head(const json::object& head) override {
    note_provenance(output_, head);
    names_ = column_names(head);
    return ok();
  }

  Status rows(const json::array& rows) override {
    std::string text;
    for (const json::value& row : rows) text += json::serialize(row_object(names_, row)) + "\n";
    return output_.print_json_text(text);
  }

  Status finish(const json::object& done) override {
    warn_if_cut(output_, done);
    return ok();
  }

 private:
  const CliOutput& output_;
  std::vector<std::string> names_;
};

// {"results": [{"provenance", "columns", "rows"}], "count", "more", "truncated"}, written as it
// comes. Nothing is written before the first head, so that an early error is the only document.
class JsonOutput final : public RowOutput {
 public:
  explicit JsonOutput(const CliOutput& output) : output_(output) {}

  Status head(const json::object& head) override {
    names_ = column_names(head);
    const std::string start = any_ ? "\n]},\n" : "{\"results\": [\n";
    any_ = true;
    first_row_ = true;
    return output_.print_json_text(
        start + "{\"provenance\": " + json::serialize(object_at(head, "provenance")) +
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
    const std::string more = boolean_at(done, "more") ? "true" : "false";
    return output_.print_json_text(std::string(any_ ? "\n]}\n]" : "{\"results\": []") +
                                   ", \"count\": " + std::to_string(integer_at(done, "count")) +
                                   ", \"more\": " + more + ", \"truncated\": " + more + "}\n");
  }

 private:
  const CliOutput& output_;
  std::vector<std::string> names_;
  bool any_ = false, first_row_ = true;
};

}  // namespace

std::unique_ptr<RowOutput> RowOutput::make(RowForm form, const CliOutput& output) {
  switch (form) {
    case RowForm::kCsv:
      return std::make_unique<CsvOutput>(output);
    case RowForm::kJsonLines:
      return std::make_unique<JsonLinesOutput>(output);
    case RowForm::kJson:
      return std::make_unique<JsonOutput>(output);
    case RowForm::kCards:
      return std::make_unique<CardOutput>(output);
    case RowForm::kTable:
      break;
  }
  return std::make_unique<TableOutput>(output);
}

Result<RowForm> row_form_named(std::string_view name) {
  if (name == "table") return RowForm::kTable;
  if (name == "csv") return RowForm::kCsv;
  if (name == "jsonl") return RowForm::kJsonLines;
  return fail(ErrorCode::kUsage, "--format " + std::string(name) + ": table, csv or jsonl");
}

std::string provenance_line(const json::object& provenance, Language language) {
  const bool zh = language == Language::kChinese;
  std::string line = text_at(provenance, "title", language);
  line += " · " + text_at(object_at(provenance, "provider"), "name", language);
  if (boolean_at(provenance, "covers_no_data")) {
    line += zh ? " · 此授权目前不含任何数据" : " · this grant covers no data yet";
  } else if (integer_at(provenance, "streams") == 0) {
    line += zh ? " · 数据尚未到达" : " · no data has arrived yet";
  } else {
    line += (zh ? " · 版本 " : " · version ") + text_at(provenance, "version");
    line += (zh ? " · 截至 " : " · as of ") + text_at(provenance, "as_of");
  }
  line += (zh ? " · 租期至 " : " · lease until ") + text_at(provenance, "lease_until");
  if (boolean_at(provenance, "damaged")) {
    line += zh ? " · 部分数据与签名不一致，下次同步修复"
               : " · damaged in part, the next sync repairs it";
  }
  if (boolean_at(provenance, "stale")) line += zh ? " · 可能过时" : " · may be stale";
  return line;
}

}  // namespace rootlet::agent
