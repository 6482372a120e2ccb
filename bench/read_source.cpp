// How fast a source is read, alone: no difference, no packs. And the floor below an ODBC source: a
// loop over SQLFetch that keeps nothing. bench/sources.py runs it.
#include "platform/source/read_source.hpp"

#include <sql.h>
#include <sqlext.h>

#include <chrono>
#include <iostream>

#include "bench/tool.hpp"
#include "core/encoding/text_file.hpp"
#include "core/limits.hpp"
#include "platform/source/kinds/open_source.hpp"

namespace {

using namespace rootlet;
using bench::must;
using namespace rootlet::platform;

constexpr SQLULEN kRows = 64;
constexpr SQLLEN kCellBytes = 1024;

std::size_t read_all(const char* definition, const char* from) {
  const PlainText text = must(read_plain_text(definition, limits::kDefinitionBytes));
  const DatasetDefinition dataset = must(DatasetDefinition::parse(text.text, definition));
  const SourceAddress address = must(parse_source_address(from));
  const std::unique_ptr<RowSource> source = must(open_source(address));
  return must(read_whole_source(dataset, *source)).size();
}

// Arrays of rows, all columns as UTF-16 or as ASCII by their types, through psqlODBC's cursor as we
// do it.
std::size_t fetch_all(std::string source, std::string query) {
  SQLHENV environment = nullptr;
  SQLHDBC connection = nullptr;
  SQLHSTMT statement = nullptr;
  SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment);
  SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, reinterpret_cast<SQLPOINTER>(SQL_OV_ODBC3), 0);
  SQLAllocHandle(SQL_HANDLE_DBC, environment, &connection);
  source = "DSN=" + source + ";UseDeclareFetch=1;Fetch=1000";
  SQLDriverConnect(connection, nullptr, reinterpret_cast<SQLCHAR*>(source.data()), SQL_NTS, nullptr,
                   0, nullptr, SQL_DRIVER_NOPROMPT);
  SQLAllocHandle(SQL_HANDLE_STMT, connection, &statement);
  SQLExecDirect(statement, reinterpret_cast<SQLCHAR*>(query.data()), SQL_NTS);
  SQLSMALLINT columns = 0;
  SQLNumResultCols(statement, &columns);
  SQLULEN fetched = 0;
  SQLSetStmtAttr(statement, SQL_ATTR_ROW_ARRAY_SIZE, reinterpret_cast<SQLPOINTER>(kRows), 0);
  SQLSetStmtAttr(statement, SQL_ATTR_ROWS_FETCHED_PTR, &fetched, 0);
  std::vector<std::string> cells(static_cast<std::size_t>(columns));
  std::vector<std::vector<SQLLEN>> sizes(cells.size(), std::vector<SQLLEN>(kRows));
  for (std::size_t i = 0; i < cells.size(); ++i) {
    SQLLEN type = 0;
    const auto number = static_cast<SQLUSMALLINT>(i + 1);
    SQLColAttribute(statement, number, SQL_DESC_CONCISE_TYPE, nullptr, 0, nullptr, &type);
    const bool is_text = type == SQL_VARCHAR || type == SQL_LONGVARCHAR || type == SQL_WVARCHAR ||
                         type == SQL_WLONGVARCHAR;
    cells[i].resize(kRows * kCellBytes);
    SQLBindCol(statement, number, is_text ? SQL_C_WCHAR : SQL_C_CHAR, cells[i].data(), kCellBytes,
               sizes[i].data());
  }
  std::size_t rows = 0;
  while (SQL_SUCCEEDED(SQLFetch(statement))) rows += fetched;
  SQLDisconnect(connection);
  return rows;
}

}  // namespace

// DEFINITION ADDRESS, or --floor DSN QUERY. Prints rows and seconds.
int main(int count, char** words) {
  const auto start = std::chrono::steady_clock::now();
  if (count < 3) return 2;
  const bool is_floor = std::string_view(words[1]) == "--floor";
  const std::size_t rows = is_floor ? fetch_all(words[2], words[3]) : read_all(words[1], words[2]);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::cout << rows << ' ' << seconds.count() << '\n';
  return 0;
}
