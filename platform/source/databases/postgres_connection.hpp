// A connection to PostgreSQL that one source or export has to itself. It waits at most 15 seconds
// to be let in, and refuses an address with a password, which every user of the machine could see.
// One thread at a time.
#pragma once

#include <memory>
#include <string>

#include "platform/postgres/libpq.hpp"

namespace rootlet::platform {

using PostgresAnswer = postgres::Answer;

// `address` is a URL, also without its scheme ("//user@host/db"), or libpq's keywords. The password
// comes from where source_password() finds it, else libpq looks. kUsage for an address with one,
// kUnreachable if the server does not let us in.
Result<std::shared_ptr<PGconn>> connect_postgres(const std::string& address);

// kUnreachable if the server is gone, else kUsage. `name` is how errors call the database.
Error postgres_refused(PGconn* connection, const std::string& name, const PGresult* answer);
// Runs a statement that gives no rows.
Status run_postgres(PGconn* connection, const std::string& name, const char* statement);

}  // namespace rootlet::platform
