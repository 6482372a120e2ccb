// Where a source is, as people write it: "csv:FILE", "sqlite:FILE?table=T", and so on. The text
// after "?table=", "?query=", "?exchange=" or "?sheet=" is taken as it is written, to the end;
// "?encoding=" comes before it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/encoding/encoding.hpp"
#include "core/result.hpp"

namespace rootlet::platform {

enum class SourceKind { kCsv, kJsonl, kXlsx, kSqlite, kPostgres, kOdbc };

constexpr bool is_database(SourceKind kind) {
  return kind != SourceKind::kCsv && kind != SourceKind::kJsonl && kind != SourceKind::kXlsx;
}

struct SourceAddress {
  SourceKind kind = SourceKind::kCsv;
  std::string place;  // a path, "-" for standard input, a database's address, a name in odbc.ini
  std::string query;  // of a database; made from `table` if that was given
  std::string table = {};                     // of a database, if it was named: as SQL has it
  std::string exchange = {};                  // the same of an exchange table (exchange_table.hpp)
  std::string sheet;                          // of a workbook
  std::optional<TextEncoding> encoding = {};  // of an ODBC driver: UTF-8 or GB 18030
  // Of PostgreSQL: gets the text of pg_current_snapshot() for the rows that are read. Not in the
  // text.
  std::shared_ptr<std::string> snapshot = {};
  // Of a database: gives one row of control totals, named as Control has them. Not in the text.
  std::string control_query = {};
};

// kUsage, with what would be right.
Result<SourceAddress> parse_source_address(std::string_view text);

}  // namespace rootlet::platform
