// The answer of PostgreSQL, or of a server that speaks its protocol, to a query, as a source of
// rows. COPY streams it as CSV text, so that memory stays bounded and the short-cut for unchanged
// rows works; in one read-only transaction, which sees one state of the database. A null and an
// empty text are both null.
#pragma once

#include "platform/source/row_source.hpp"

namespace rootlet::platform {

// `address` is a URL ("postgresql://user@host/db", also without its scheme) or libpq's keywords
// ("host=… dbname=…"), without a password: kUsage with one. The password comes from the file that
// ROOTLET_SOURCE_PASSWORD_FILE names, from systemd's credential rootlet-source-password, or as
// libpq finds it (PGPASSFILE). kUnreachable if the server does not let us in, kUsage if it does not
// take the query. `control_query`, if not empty, gives one row of control totals. `exchange` names
// the exchange table that `query` reads, if it is one. `snapshot`, if given, gets the text of
// pg_current_snapshot() for the rows.
Result<std::unique_ptr<RowSource>> open_postgres_source(const std::string& address,
                                                        std::string query,
                                                        const std::string& control_query,
                                                        std::string exchange = {},
                                                        std::string* snapshot = nullptr);

}  // namespace rootlet::platform
