// One call for each kind.
#include "platform/source/kinds/open_source.hpp"

#include "platform/source/databases/odbc/odbc_source.hpp"
#include "platform/source/databases/postgres_source.hpp"
#include "platform/source/kinds/jsonl_source.hpp"
#include "platform/source/kinds/sqlite_source.hpp"
#include "platform/source/kinds/xlsx_source.hpp"

namespace rootlet::platform {

Result<std::unique_ptr<RowSource>> open_source(const SourceAddress& address, CsvOptions csv) {
  if (!address.control_query.empty() && !is_database(address.kind)) {
    Error error =
        fail(ErrorCode::kUsage, "--control-query needs a database; a file takes --control");
    error.field = "control-query";
    return error;
  }
  if (!address.control_query.empty() && !address.exchange.empty()) {
    return Error(ErrorCode::kUsage, "an exchange table takes no --control-query", "control-query");
  }
  switch (address.kind) {
    case SourceKind::kCsv:
      return open_csv_source(address.place, std::move(csv));
    case SourceKind::kJsonl:
      return open_jsonl_source(address.place);
    case SourceKind::kXlsx:
      return open_xlsx_source(address.place, address.sheet);
    case SourceKind::kPostgres:
      return open_postgres_source(address.place, address.query, address.control_query,
                                  address.exchange, address.snapshot.get());
    case SourceKind::kOdbc:
      return open_odbc_source(address.place, {.query = address.query,
                                              .control_query = address.control_query,
                                              .exchange = address.exchange,
                                              .encoding = address.encoding});
    case SourceKind::kSqlite:
      break;
  }
  return open_sqlite_source(address.place, address.query, address.control_query);
}

}  // namespace rootlet::platform
