// The only file that opens a connection of libpq here.
#include "platform/source/databases/postgres_connection.hpp"

#include <algorithm>

#include "core/unicode/utf8.hpp"
#include "core/unicode/visible_text.hpp"
#include "platform/source/databases/source_password.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kMessageBytes = 500;  // of the server, in an error

struct FreeMemory {
  void operator()(void* memory) const { PQfreemem(memory); }
};
struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

Status refuse_password(const std::string& address) {
  char* why = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> options(
      PQconninfoParse(address.c_str(), &why));
  const std::unique_ptr<char, FreeMemory> held(why);
  if (options == nullptr) {
    // Its own words could show a password.
    return fail(ErrorCode::kUsage,
                "the address is none that PostgreSQL knows: postgresql://USER@HOST:PORT/DATABASE");
  }
  for (const PQconninfoOption* one = options.get(); one->keyword != nullptr; ++one) {
    if (std::string_view(one->keyword) != "password" || one->val == nullptr) continue;
    return Error(
        ErrorCode::kUsage, "the address has a password, which every user of this machine could see",
        {},
        {.en = "Leave it out. Put it into a file and name that in ROOTLET_SOURCE_PASSWORD_FILE, or "
               "into ~/.pgpass, or give the service the credential rootlet-source-password. "
               "Change the password if others may have seen it.",
         .zh = "请从地址中去掉密码，改用 ROOTLET_SOURCE_PASSWORD_FILE 指定的文件、~/.pgpass "
               "或 systemd 凭据 rootlet-source-password；若可能已泄露，请更换密码。"});
  }
  return ok();
}

}  // namespace

std::string postgres_words(const char* message) {
  std::string text(cut_utf8(message == nullptr ? "" : message, kMessageBytes));
  std::ranges::replace(text, '\n', ' ');
  while (text.ends_with(' ')) text.pop_back();
  return visible_text(text);
}

std::string postgres_refusal(const PGresult* answer, PGconn* connection) {
  const char* primary =
      answer == nullptr ? nullptr : PQresultErrorField(answer, PG_DIAG_MESSAGE_PRIMARY);
  return postgres_words(primary != nullptr ? primary : PQerrorMessage(connection));
}

bool is_postgres_gone(PGconn* connection) {
  return PQstatus(connection) != CONNECTION_OK;
}

Result<std::shared_ptr<PGconn>> connect_postgres(const std::string& text) {
  const std::string address = text.starts_with("//") ? "postgresql:" + text : text;
  ROOTLET_TRY(refuse_password(address));
  ROOTLET_TRY(const std::string secret, source_password());
  // Later ones count, and the address comes first.
  const char* names[] = {"connect_timeout",
                         "dbname",
                         "client_encoding",
                         "application_name",
                         secret.empty() ? nullptr : "password",
                         nullptr};
  const char* values[] = {"15",           address.c_str(), "UTF8", "rootlet-platform",
                          secret.c_str(), nullptr};
  const std::shared_ptr<PGconn> connection(PQconnectdbParams(names, values, 1), PQfinish);
  if (connection != nullptr && !is_postgres_gone(connection.get())) return connection;
  return Error(ErrorCode::kUnreachable,
               "PostgreSQL: " + postgres_words(PQerrorMessage(connection.get())), {},
               {.en = "Nothing was published. Check the address, the server and the password file.",
                .zh = "未发布任何内容。请检查地址、服务器和密码文件。"});
}

Error postgres_refused(PGconn* connection, const std::string& name, const PGresult* answer) {
  return fail(is_postgres_gone(connection) ? ErrorCode::kUnreachable : ErrorCode::kUsage,
              name + ": " + postgres_refusal(answer, connection));
}

Status run_postgres(PGconn* connection, const std::string& name, const char* statement) {
  const PostgresAnswer answer(PQexec(connection, statement));
  if (PQresultStatus(answer.get()) == PGRES_COMMAND_OK) return ok();
  return postgres_refused(connection, name, answer.get());
}

}  // namespace rootlet::platform
