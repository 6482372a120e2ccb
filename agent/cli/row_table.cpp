// Rows for people: a table, or a block for each row where the table is too wide, and cards.
#include <algorithm>
#include <optional>
#include <utility>

#include "agent/cli/row_output.hpp"
#include "agent/export/provenance_line.hpp"
#include "config/output/local_time.hpp"
#include "config/output/pager.hpp"
#include "config/output/text_table.hpp"
#include "core/format/json_values.hpp"

namespace rootlet::agent {
namespace {

constexpr std::size_t kRowsAtOnce = 500;  // the column widths are computed over so many

// The titles; two columns of one title have their names too.
std::vector<std::string> column_titles(const json::object& head, Language language) {
  std::vector<std::string> titles, out;
  for (const json::value& column : array_at(head, "columns")) {
    const std::string title = text_at(column.get_object(), "title", language);
    titles.push_back(title.empty() ? text_at(column.get_object(), "name") : title);
  }
  for (std::size_t i = 0; i < titles.size(); ++i) {
    const bool is_unique = std::count(titles.begin(), titles.end(), titles[i]) == 1;
    const json::object& column = array_at(head, "columns")[i].get_object();
    out.push_back(is_unique ? titles[i] : titles[i] + " (" + text_at(column, "name") + ")");
  }
  return out;
}

std::vector<bool> moment_columns(const json::object& head) {
  std::vector<bool> out;
  for (const json::value& column : array_at(head, "columns")) {
    out.push_back(text_at(column.get_object(), "type") == "datetime");
  }
  return out;
}

// With who exported the rows, and where the ledger says so, if they are an export.
std::string provenance_of(const json::object& head, Language language) {
  const std::string line = provenance_line(object_at(head, "provenance"), language);
  const std::string exported = text_at(object_at(head, "export"), "line", language);
  return exported.empty() ? line : line + "\n" + exported;
}

// The columns of one dataset, for people.
struct Heading {
  std::vector<std::string> titles = {};
  std::vector<bool> is_moment = {};  // its cells are times, shown in the reader's zone
  std::string provenance = {};
  bool is_chinese = false;
  std::int64_t total = 0;  // rows without the limit, if they were counted

  static Heading of(const json::object& head, Language language) {
    return {column_titles(head, language), moment_columns(head), provenance_of(head, language),
            language == Language::kChinese, integer_at(head, "total")};
  }
  std::vector<std::string> cells_of(const json::value& row) const {
    std::vector<std::string> out;
    for (const json::value& cell : row.get_array()) {
      const bool is_time = out.size() < is_moment.size() && is_moment[out.size()];
      const bool is_answer = is_chinese && cell.is_bool();
      const std::string text = is_answer ? (cell.get_bool() ? "是" : "否") : cell_text(cell);
      out.push_back(is_time ? with_local_times(text, TimeDetail::kSeconds) : text);
    }
    return out;
  }
};

// "50 of 83 rows"; the total is known if the table was cut and counted.
std::string total_line(const json::object& done, std::int64_t all, bool zh) {
  const std::string count = text_at(done, "count"), total = all > 0 ? std::to_string(all) : "";
  if (!boolean_at(done, "more")) return count + (zh ? " 行" : count == "1" ? " row" : " rows");
  if (total.empty()) return zh ? "只显示 " + count + " 行，还有更多" : count + " of more rows";
  return zh ? "只显示 " + total + " 行中的 " + count + " 行" : count + " of " + total + " rows";
}

// How many rows are not shown, and how to get them.
Text cut_warning(const json::object& done, std::int64_t all) {
  const std::int64_t left = all - integer_at(done, "count");
  const std::string rest = left > 0 ? std::to_string(left) : "";
  return {.en = (rest.empty() ? "More rows" : rest + (rest == "1" ? " more row" : " more rows")) +
                " not shown. All of them: --limit 0; as a file: --format csv >FILE",
          .zh = (rest.empty() ? std::string("还有更多行") : "另有 " + rest + " 行") +
                "未显示。显示全部：--limit 0；存为文件：--format csv >文件"};
}

class TableOutput final : public RowOutput {
 public:
  TableOutput(RowForm form, const CliOutput& output)
      : output_(output), width_(form == RowForm::kWide ? 0 : output.out_width) {}

  Status head(const json::object& head) override {
    if (!pager_) pager_.emplace(output_);
    ROOTLET_TRY(end_dataset());
    heading_ = Heading::of(head, output_.language);
    if (any_) {
      ROOTLET_TRY(output_.print("\n"));
    }
    any_ = true;
    fresh_ = true;
    in_blocks_ = false;
    written_ = 0;
    return ok();
  }

  Status rows(const json::array& rows) override {
    for (const json::value& row : rows) {
      waiting_.push_back(heading_.cells_of(row));
      if (waiting_.size() >= kRowsAtOnce) {
        ROOTLET_TRY(write_waiting());
      }
    }
    return ok();
  }

  Status finish(const json::object& done) override {
    ROOTLET_TRY(end_dataset());
    ROOTLET_TRY(output_.print(total_line(done, heading_.total, output_.is_chinese()) + "\n"));
    pager_.reset();  // so that the note is seen after it
    if (boolean_at(done, "more")) output_.note(output_.words(cut_warning(done, heading_.total)));
    return ok();
  }

 private:
  Status write_waiting() {
    TextTable table(heading_.titles);
    const std::size_t first = written_ + 1;
    written_ += waiting_.size();
    for (auto& row : waiting_) table.add(std::move(row));
    waiting_.clear();
    in_blocks_ = in_blocks_ || !table.fits(width_);
    if (in_blocks_) return output_.print(table.blocks(width_, first));
    const bool has_titles = std::exchange(fresh_, false);
    return output_.print(has_titles ? table.lines() : table.lines_without_titles());
  }
  Status end_dataset() {
    if (!any_) return ok();
    if (!waiting_.empty()) {
      ROOTLET_TRY(write_waiting());
    }
    return output_.print(heading_.provenance + "\n");
  }

  const CliOutput& output_;
  std::size_t width_;
  std::optional<Pager> pager_;
  Heading heading_;
  std::vector<std::vector<std::string>> waiting_;
  std::size_t written_ = 0;
  bool any_ = false, fresh_ = true, in_blocks_ = false;
};

// A line for each column of a row, for `show`.
class CardOutput final : public RowOutput {
 public:
  explicit CardOutput(const CliOutput& output) : output_(output) {}

  Status head(const json::object& head) override {
    if (!pager_) pager_.emplace(output_);
    heading_ = Heading::of(head, output_.language);
    return ok();
  }

  Status rows(const json::array& rows) override {
    std::string text;
    for (const json::value& row : rows) {
      text += block_text(heading_.titles, heading_.cells_of(row), output_.out_width) + "\n";
    }
    return output_.print(text);
  }

  Status finish(const json::object& done) override {
    ROOTLET_TRY(output_.print(heading_.provenance + "\n"));
    pager_.reset();
    if (boolean_at(done, "more")) output_.note(output_.words(cut_warning(done, heading_.total)));
    return ok();
  }

 private:
  const CliOutput& output_;
  std::optional<Pager> pager_;
  Heading heading_;
};

}  // namespace

std::unique_ptr<RowOutput> make_table_output(RowForm form, const CliOutput& output) {
  return std::make_unique<TableOutput>(form, output);
}

std::unique_ptr<RowOutput> make_card_output(const CliOutput& output) {
  return std::make_unique<CardOutput>(output);
}

}  // namespace rootlet::agent
