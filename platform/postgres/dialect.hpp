// Pure: the SQL of the platform's homes as PostgreSQL understands it. Words are translated outside
// of quotes alone.
#pragma once

#include <string>
#include <string_view>

namespace rootlet::platform::postgres {

// "?" and "?1" become "$1". The column `offset`, a reserved word, gets quotes; OFFSET in capitals
// stays the keyword.
std::string statement_in_postgres(std::string_view sql);

// Of migrations: also INTEGER becomes BIGINT, INTEGER PRIMARY KEY a number that the server counts
// up, BLOB BYTEA, TEXT a text ordered by its bytes; WITHOUT ROWID goes.
std::string migration_in_postgres(std::string_view sql);

}  // namespace rootlet::platform::postgres
