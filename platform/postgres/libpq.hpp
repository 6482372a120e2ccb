// The only file that includes libpq: owners of what it hands out, and its errors as ours. What a
// server says of values never gets into a message: only its primary words and its code are read.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>

#include "core/result.hpp"

namespace rootlet::platform::postgres {

struct CloseConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
struct FreeMemory {
  void operator()(void* memory) const { PQfreemem(memory); }
};
struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Connection = std::unique_ptr<PGconn, CloseConnection>;
using Answer = std::unique_ptr<PGresult, ClearResult>;

// Where the password of an address is looked up before libpq does so itself (PGPASSFILE).
struct PasswordPlace {
  const char* variable;    // of the environment: names a file
  const char* credential;  // of systemd
};

// The server's or the library's words, on one line.
std::string words_of(const char* message);
// What the server says of a statement, without the values that it may quote in its details.
std::string refusal_of(const PGresult* answer, PGconn* connection);
bool is_gone(PGconn* connection);
// kUnreachable for a lost connection, kBusy for what another try may do, kStorageFull, kUsage for a
// missing right, else kStorage.
Error error_of(const std::string& name, const PGresult* answer, PGconn* connection);

// "//user@host/database" and "postgresql://…", or libpq's keywords, without a password: kUsage with
// one. kUnreachable if the server does not let us in; `hint` says what then. Texts are UTF-8.
Result<Connection> connect(const std::string& address, const PasswordPlace& place,
                           const char* timeout_seconds, Text hint);

}  // namespace rootlet::platform::postgres
