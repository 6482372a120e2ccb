// Writes rows as they arrive, in bounded memory. CSV and JSON Lines are pure data; the table and
// --json include the provenance.
#pragma once

#include <memory>

#include "agent/channel/answer.hpp"
#include "config/output/cli_output.hpp"

namespace rootlet::agent {

enum class RowForm { kTable, kCsv, kJsonLines, kJson, kCards };

class RowOutput : public AnswerSink {
 public:
  static std::unique_ptr<RowOutput> make(RowForm form, const CliOutput& output);
  Status progress(const json::object&) override { return ok(); }
  // After the last row: writes the rows still buffered, and the totals of `done`.
  virtual Status finish(const json::object& done) = 0;
};

// kUsage unless table, csv or jsonl.
Result<RowForm> row_form_named(std::string_view name);

// "Villages · Civil affairs · version 3 · as of … · lease until …": one line for people.
std::string provenance_line(const json::object& provenance, Language language);

}  // namespace rootlet::agent
