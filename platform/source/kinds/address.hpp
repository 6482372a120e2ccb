// Where a source is, as people write it: "csv:FILE", "sqlite:FILE?table=T", and so on. The text
// after "?table=", "?query=" or "?sheet=" is taken as it is written, to the end.
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"

namespace rootlet::platform {

enum class SourceKind { kCsv, kJsonl, kXlsx, kSqlite };

struct SourceAddress {
  SourceKind kind = SourceKind::kCsv;
  std::string place;  // a path; "-" is standard input
  std::string query;  // of a database; made from `table` if that was given
  std::string sheet;  // of a workbook
};

// kUsage, with what would be right.
Result<SourceAddress> parse_source_address(std::string_view text);

}  // namespace rootlet::platform
