// A connection to PostgreSQL that one source or export has to itself. It waits at most 15 seconds
// to be let in, and refuses an address with a password, which every user of the machine could see.
// Errors hold the server's first line, without the values that its details may quote. One thread at
// a time.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>

#include "core/result.hpp"

namespace rootlet::platform {

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PostgresAnswer = std::unique_ptr<PGresult, ClearResult>;

// `address` is a URL, also without its scheme ("//user@host/db"), or libpq's keywords. See
// source_password() for the password. kUsage for an address with one, kUnreachable if the server
// does not let us in.
Result<std::shared_ptr<PGconn>> connect_postgres(const std::string& address);

bool is_postgres_gone(PGconn* connection);
// The library's or the server's words on one line, safe to show.
std::string postgres_words(const char* message);
std::string postgres_refusal(const PGresult* answer, PGconn* connection);
// kUnreachable if the server is gone, else kUsage. `name` is how errors call the database.
Error postgres_refused(PGconn* connection, const std::string& name, const PGresult* answer);
// Runs a statement that gives no rows.
Status run_postgres(PGconn* connection, const std::string& name, const char* statement);

}  // namespace rootlet::platform
