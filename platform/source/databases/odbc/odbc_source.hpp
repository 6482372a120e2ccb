// The answer of any database that has an ODBC driver to a query, as a source of rows: KingbaseES,
// openGauss, DM, Oracle, SQL Server, MySQL. Rows stream as far as the driver does; nothing is cut
// or converted in silence. Numbers keep the digits that the driver gives. A null and an empty text
// are both null. Bytes are refused.
#pragma once

#include "platform/source/databases/odbc/odbc_connection.hpp"
#include "platform/source/row_source.hpp"

namespace rootlet::platform {

struct OdbcQuery {
  std::string query;
  std::string control_query = {};  // gives one row of control totals
  std::string exchange = {};       // the exchange table that `query` reads, if it is one
  DriverEncoding encoding = {};    // of a driver without UTF-16
};

// `source` is the name of a data source in odbc.ini; see source_password() for its password. Errors
// as OdbcConnection has them.
Result<std::unique_ptr<RowSource>> open_odbc_source(const std::string& source, OdbcQuery wanted);

}  // namespace rootlet::platform
