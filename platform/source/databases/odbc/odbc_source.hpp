// The answer of any database that has an ODBC driver to a query, as a source of rows: KingbaseES,
// openGauss, DM, Oracle, SQL Server, MySQL. Rows stream as far as the driver does; nothing is cut
// or converted in silence. Numbers keep the digits that the driver gives. A null and an empty text
// are both null. Bytes are refused.
#pragma once

#include "platform/source/databases/odbc/odbc_connection.hpp"
#include "platform/source/row_source.hpp"

namespace rootlet::platform {

// `source` is the name of a data source in odbc.ini; see source_password() for its password.
// `encoding` is that of a driver without UTF-16. Errors as OdbcConnection has them.
// `control_query`, if not empty, gives one row of control totals.
Result<std::unique_ptr<RowSource>> open_odbc_source(const std::string& source, std::string query,
                                                    const std::string& control_query,
                                                    DriverEncoding encoding);

}  // namespace rootlet::platform
