// Connecting: the address without a password, the password from a file; and errors in words.
#include "platform/postgres/libpq.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

#include "core/file/file.hpp"
#include "core/unicode/visible_text.hpp"

namespace rootlet::platform::postgres {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPasswordBytes = 4096;
constexpr std::size_t kMessageBytes = 500;  // of the server, in an error

Result<std::string> password(const PasswordPlace& place) {
  fs::path path;
  if (const char* named = std::getenv(place.variable)) {
    path = named;
  } else if (const char* folder = std::getenv("CREDENTIALS_DIRECTORY")) {
    const fs::path credential = fs::path(folder) / place.credential;
    std::error_code unknown;
    if (fs::exists(credential, unknown)) path = credential;
  }
  if (path.empty()) return std::string();
  ROOTLET_TRY(std::string text, read_text_file(path, kPasswordBytes));
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

Error has_password(const PasswordPlace& place) {
  const std::string file = place.variable, credential = place.credential;
  return Error(
      ErrorCode::kUsage, "the address has a password, which every user of this machine could see",
      {},
      {.en = "Leave it out. Put it into a file and name that in " + file +
             ", or into ~/.pgpass, or give the service the credential " + credential +
             ". Change the password if others may have seen it.",
       .zh = "请从地址中去掉密码，改用 " + file + " 指定的文件、~/.pgpass 或 systemd 凭据 " +
             credential + "；若可能已泄露，请更换密码。"});
}

Status refuse_password(const std::string& address, const PasswordPlace& place) {
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
    if (std::string_view(one->keyword) == "password" && one->val != nullptr) {
      return has_password(place);
    }
  }
  return ok();
}

void say_nothing(void*, const char*) {}

// Classes and codes of SQLSTATE (PostgreSQL's manual, appendix A).
ErrorCode code_for(std::string_view state) {
  const std::string_view kind = state.substr(0, 2);
  // Deadlock and serialization; a lock that was not free; too many connections; starting up.
  for (const std::string_view busy : {"40001", "40P01", "55P03", "53300", "57P03"}) {
    if (state == busy) return ErrorCode::kBusy;
  }
  if (kind == "08" || kind == "57") return ErrorCode::kUnreachable;
  if (state == "53100" || state == "53200") return ErrorCode::kStorageFull;
  if (state == "42501") return ErrorCode::kUsage;     // insufficient privilege
  if (state == "22021") return ErrorCode::kBadInput;  // a text that is not UTF-8
  if (state == "42P01" || kind == "XX") return ErrorCode::kStorageDamaged;  // no such table
  return ErrorCode::kStorage;
}

}  // namespace

std::string words_of(const char* message) {
  std::string text(cut_utf8(message == nullptr ? "" : message, kMessageBytes));
  std::ranges::replace(text, '\n', ' ');
  while (text.ends_with(' ')) text.pop_back();
  return visible_text(text);
}

std::string refusal_of(const PGresult* answer, PGconn* connection) {
  const char* primary =
      answer == nullptr ? nullptr : PQresultErrorField(answer, PG_DIAG_MESSAGE_PRIMARY);
  return words_of(primary != nullptr ? primary : PQerrorMessage(connection));
}

bool is_gone(PGconn* connection) {
  return PQstatus(connection) != CONNECTION_OK;
}

Error error_of(const std::string& name, const PGresult* answer, PGconn* connection) {
  const std::string message = name + ": " + refusal_of(answer, connection);
  if (is_gone(connection)) return fail(ErrorCode::kUnreachable, message);
  const char* state = answer == nullptr ? nullptr : PQresultErrorField(answer, PG_DIAG_SQLSTATE);
  return fail(state == nullptr ? ErrorCode::kStorage : code_for(state), message);
}

Result<Connection> connect(const std::string& given, const PasswordPlace& place,
                           const char* timeout_seconds, Text hint) {
  const std::string address = given.starts_with("//") ? "postgresql:" + given : given;
  ROOTLET_TRY(refuse_password(address, place));
  ROOTLET_TRY(const std::string secret, password(place));
  // Later ones count, and the address comes first.
  const std::array<const char*, 6> names = {"connect_timeout",
                                            "dbname",
                                            "client_encoding",
                                            "application_name",
                                            secret.empty() ? nullptr : "password",
                                            nullptr};
  const std::array<const char*, 6> values = {timeout_seconds,    address.c_str(), "UTF8",
                                             "rootlet-platform", secret.c_str(),  nullptr};
  Connection connection(PQconnectdbParams(names.data(), values.data(), 1));
  if (connection != nullptr && !is_gone(connection.get())) {
    PQsetNoticeProcessor(connection.get(), say_nothing, nullptr);
    return connection;
  }
  return Error(ErrorCode::kUnreachable, "PostgreSQL: " + words_of(PQerrorMessage(connection.get())),
               {}, std::move(hint));
}

}  // namespace rootlet::platform::postgres
