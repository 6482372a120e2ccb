// The headings of a table in the reader's language.
#pragma once

#include <string>
#include <vector>

#include "config/output/cli_output.hpp"
#include "config/output/text_table.hpp"

namespace rootlet::platform {

// `en` in capitals; `zh` names the same columns.
inline TextTable table_of(const CliOutput& output, std::vector<std::string> en,
                          std::vector<std::string> zh) {
  return TextTable(output.is_chinese() ? std::move(zh) : std::move(en));
}

}  // namespace rootlet::platform
