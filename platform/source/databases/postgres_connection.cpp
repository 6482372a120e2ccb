// What sources and exports need of libpq beside platform/postgres.
#include "platform/source/databases/postgres_connection.hpp"

namespace rootlet::platform {
namespace {

constexpr postgres::PasswordPlace kPassword{"ROOTLET_SOURCE_PASSWORD_FILE",
                                            "rootlet-source-password"};

}  // namespace

Result<std::shared_ptr<PGconn>> connect_postgres(const std::string& address) {
  ROOTLET_TRY(
      postgres::Connection connection,
      postgres::connect(
          address, kPassword, "15",
          {.en = "Nothing was published. Check the address, the server and the password file.",
           .zh = "未发布任何内容。请检查地址、服务器和密码文件。"}));
  return std::shared_ptr<PGconn>(std::move(connection));
}

Error postgres_refused(PGconn* connection, const std::string& name, const PGresult* answer) {
  return fail(postgres::is_gone(connection) ? ErrorCode::kUnreachable : ErrorCode::kUsage,
              name + ": " + postgres::refusal_of(answer, connection));
}

Status run_postgres(PGconn* connection, const std::string& name, const char* statement) {
  const PostgresAnswer answer(PQexec(connection, statement));
  if (PQresultStatus(answer.get()) == PGRES_COMMAND_OK) return ok();
  return postgres_refused(connection, name, answer.get());
}

}  // namespace rootlet::platform
