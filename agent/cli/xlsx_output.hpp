// Rows as an Excel file that a person named, and the options of commands that write rows.
#pragma once

#include "agent/cli/cli.hpp"
#include "agent/cli/row_output.hpp"

namespace rootlet::agent {

OptionSpec format_option();              // table, csv, jsonl, xlsx
std::vector<OptionSpec> file_options();  // --out, --bom

// The form that --json or --format names.
Result<RowForm> form_of(const CommandRun& run, RowForm fallback);

// The output that `form`, --out and --bom ask for. kUsage if they do not fit. The file of --out is
// opened now, before any work; its old content stays until the last row has arrived.
Result<std::unique_ptr<RowOutput>> open_row_output(const CommandRun& run, RowForm form);

}  // namespace rootlet::agent
