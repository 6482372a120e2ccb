// Writes rows as they arrive, in bounded memory. CSV and JSON Lines are pure data, under the names
// of the columns; what people read has their titles, local times and the provenance.
#pragma once

#include <memory>

#include "agent/channel/answer.hpp"
#include "config/output/cli_output.hpp"

namespace rootlet::agent {

// kTable writes a block for each row if the rows are wider than the terminal; kWide never does.
enum class RowForm { kTable, kWide, kCards, kCsv, kJsonLines, kJson, kXlsx };

class RowOutput : public AnswerSink {
 public:
  // `byte_order_mark` begins a CSV file, for Excel. For kXlsx see xlsx_output.hpp.
  static std::unique_ptr<RowOutput> make(RowForm form, const CliOutput& output,
                                         bool byte_order_mark = false);
  Status progress(const json::object&) override { return ok(); }
  // After the last row: writes the rows still buffered, and the totals of `done`.
  virtual Status finish(const json::object& done) = 0;
};

// The outputs for people (row_table.cpp).
std::unique_ptr<RowOutput> make_table_output(RowForm form, const CliOutput& output);
std::unique_ptr<RowOutput> make_card_output(const CliOutput& output);

// A file that ends at a limit looks complete, so the person who asked for it is warned.
void warn_if_cut(const CliOutput& output, const json::object& done);

// kUsage unless table, wide, cards, csv, jsonl or xlsx.
Result<RowForm> row_form_named(std::string_view name);

// A cell as text: "" for null.
std::string cell_text(const json::value& cell);

}  // namespace rootlet::agent
