// The environment and a connection. Statements are in odbc_statement.cpp.
#include "platform/source/databases/odbc/odbc_connection.hpp"

#include <algorithm>

#include "core/unicode/visible_text.hpp"
#include "platform/source/databases/odbc/odbc_text.hpp"
#include "platform/source/databases/source_password.hpp"

namespace rootlet::platform {
namespace {

constexpr std::uintptr_t kSecondsToConnect = 15;
// psqlODBC's own attributes: fetch through a cursor, and how many rows at a time. Without them it
// holds the whole answer in memory.
constexpr SQLINTEGER kPsqlUseDeclareFetch = 65539, kPsqlFetch = 65541;
constexpr std::uintptr_t kPsqlRows = 1000;

// The server is gone, ended the statement, or took too long.
bool is_lost(const std::string& state) {
  return state.starts_with("08") || state.starts_with("57") || state.starts_with("HYT");
}

void free_connection(void* handle) {
  SQLEndTran(SQL_HANDLE_DBC, handle, SQL_ROLLBACK);
  SQLDisconnect(handle);
  SQLFreeHandle(SQL_HANDLE_DBC, handle);
}

Result<std::shared_ptr<void>> new_connection() {
  SQLHENV environment = nullptr;
  if (SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment) != SQL_SUCCESS) {
    return fail(ErrorCode::kInternal, "unixODBC gives no environment");
  }
  const std::shared_ptr<void> held(environment, [](void* e) { SQLFreeHandle(SQL_HANDLE_ENV, e); });
  SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, number_value(SQL_OV_ODBC3), 0);
  SQLHDBC connection = nullptr;
  if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, environment, &connection))) {
    return fail(ErrorCode::kInternal, "unixODBC gives no connection");
  }
  return std::shared_ptr<void>(connection, [held](void* c) { free_connection(c); });
}

Status check_source(const std::string& source) {
  if (source.find_first_of(";={}\\") == source.npos && source.size() <= SQL_MAX_DSN_LENGTH) {
    return ok();
  }
  return Error(
      ErrorCode::kUsage, "odbc: names a data source of odbc.ini, not a connection string", "from",
      {.en = "Put driver, server, database and user into odbc.ini, and the password into the "
             "file that ROOTLET_SOURCE_PASSWORD_FILE names.",
       .zh = "请把驱动、服务器、数据库和用户写入 odbc.ini，密码写入 "
             "ROOTLET_SOURCE_PASSWORD_FILE 指定的文件。"});
}

}  // namespace

OdbcRefusal odbc_refusal(SQLSMALLINT type, SQLHANDLE handle) {
  constexpr std::size_t kMessageBytes = 500;
  SQLCHAR state[6] = "", text[kMessageBytes + 1] = "";
  SQLINTEGER native = 0;
  SQLSMALLINT bytes = 0;
  SQLGetDiagRec(type, handle, 1, state, &native, text, sizeof text, &bytes);
  std::string words(reinterpret_cast<const char*>(text));
  words.resize(std::min(words.size(), words.find("DETAIL:")));
  std::ranges::replace(words, '\n', ' ');
  while (words.ends_with(' ') || words.ends_with(';')) words.pop_back();
  return {reinterpret_cast<const char*>(state), visible_text(words)};
}

Result<OdbcConnection> OdbcConnection::open(const std::string& source, DriverEncoding encoding) {
  ROOTLET_TRY(check_source(source));
  ROOTLET_TRY(const std::string secret, source_password());
  OdbcConnection connection;
  ROOTLET_TRY(connection.handle_, new_connection());
  connection.name_ = "ODBC " + visible_text(source);
  connection.encoding_ = encoding;
  std::u16string named, password;
  if (!to_utf16(source, named) || !to_utf16(secret, password)) {
    return fail(ErrorCode::kUsage, connection.name_ + ": its name or password is not UTF-8");
  }
  SQLHDBC handle = connection.handle_.get();
  SQLSetConnectAttr(handle, SQL_ATTR_LOGIN_TIMEOUT, number_value(kSecondsToConnect), 0);
  // Not by a connection string: drivers differ in how they quote a password there.
  const auto text = [](std::u16string& of) {
    return of.empty() ? nullptr : reinterpret_cast<SQLWCHAR*>(of.data());
  };
  const SQLRETURN made =
      SQLConnectW(handle, text(named), static_cast<SQLSMALLINT>(named.size()), nullptr, 0,
                  text(password), static_cast<SQLSMALLINT>(password.size()));
  if (!SQL_SUCCEEDED(made)) {
    return Error(ErrorCode::kUnreachable,
                 connection.name_ + ": " + odbc_refusal(SQL_HANDLE_DBC, handle).words, {},
                 {.en = "Nothing was published. Check the data source in odbc.ini, the server and "
                        "the password file.",
                  .zh = "未发布任何内容。请检查 odbc.ini 中的数据源、服务器和密码文件。"});
  }
  ROOTLET_TRY(connection.begin());
  connection.prefer_streaming();
  return connection;
}

// One state of the database, as far as the driver can; what is read is never committed.
Status OdbcConnection::begin() {
  SQLHDBC handle = handle_.get();
  if (!SQL_SUCCEEDED(
          SQLSetConnectAttr(handle, SQL_ATTR_AUTOCOMMIT, number_value(SQL_AUTOCOMMIT_OFF), 0))) {
    return fail(ErrorCode::kUsage, name_ + ": the driver has no transactions: " +
                                       odbc_refusal(SQL_HANDLE_DBC, handle).words);
  }
  for (const std::uintptr_t isolation : {SQL_TXN_REPEATABLE_READ, SQL_TXN_SERIALIZABLE}) {
    if (SQL_SUCCEEDED(
            SQLSetConnectAttr(handle, SQL_ATTR_TXN_ISOLATION, number_value(isolation), 0))) {
      break;
    }
  }
  return ok();
}

void OdbcConnection::prefer_streaming() {
  char driver[128] = "";
  SQLSMALLINT bytes = 0;
  SQLGetInfo(handle_.get(), SQL_DRIVER_NAME, driver, sizeof driver, &bytes);
  if (std::string_view(driver).find("psqlodbc") == std::string_view::npos) return;
  SQLSetConnectAttr(handle_.get(), kPsqlUseDeclareFetch, number_value(1), 0);
  SQLSetConnectAttr(handle_.get(), kPsqlFetch, number_value(kPsqlRows), 0);
  // Moments come without their offset. Committed, because the end of a transaction takes it back.
  static_cast<void>(query("SET TimeZone = 'UTC'"));
  SQLEndTran(SQL_HANDLE_DBC, handle_.get(), SQL_COMMIT);
}

Status OdbcConnection::execute(SQLHSTMT handle, const std::string& sql) {
  SQLRETURN done = SQL_ERROR;
  bool is_sent = true;
  if (encoding_) {
    std::string text = sql;
    is_sent = encode_text(*encoding_, text);
    if (is_sent) {
      done = SQLExecDirect(handle, reinterpret_cast<SQLCHAR*>(text.data()),
                           static_cast<SQLINTEGER>(text.size()));
    }
  } else {
    std::u16string text;
    is_sent = to_utf16(sql, text);
    if (is_sent) {
      done = SQLExecDirectW(handle, reinterpret_cast<SQLWCHAR*>(text.data()),
                            static_cast<SQLINTEGER>(text.size()));
    }
  }
  if (!is_sent) return fail(ErrorCode::kUsage, name_ + ": the query has odd characters");
  if (SQL_SUCCEEDED(done) || done == SQL_NO_DATA) return ok();
  const OdbcRefusal refusal = odbc_refusal(SQL_HANDLE_STMT, handle);
  return fail(is_lost(refusal.state) ? ErrorCode::kUnreachable : ErrorCode::kUsage,
              name_ + ": " + refusal.words);
}

Result<OdbcStatement> OdbcConnection::query(const std::string& sql) {
  SQLHSTMT handle = nullptr;
  if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, handle_.get(), &handle))) {
    return fail(ErrorCode::kUnreachable,
                name_ + ": " + odbc_refusal(SQL_HANDLE_DBC, handle_.get()).words);
  }
  OdbcStatement statement;
  statement.connection_ = handle_;
  statement.handle_.reset(handle);
  statement.name_ = name_;
  statement.encoding_ = encoding_;
  ROOTLET_TRY(execute(handle, sql));
  ROOTLET_TRY(statement.describe());
  statement.bind();
  return statement;
}

void OdbcConnection::stop_reading() {
  SQLEndTran(SQL_HANDLE_DBC, handle_.get(), SQL_ROLLBACK);
}

Status OdbcConnection::write(const std::vector<std::string>& statements) {
  stop_reading();
  for (const std::string& statement : statements) {
    const Result<OdbcStatement> done = query(statement);
    if (done.has_value()) continue;
    stop_reading();
    return done.error();
  }
  if (SQL_SUCCEEDED(SQLEndTran(SQL_HANDLE_DBC, handle_.get(), SQL_COMMIT))) return ok();
  return fail(ErrorCode::kUnreachable,
              name_ + ": " + odbc_refusal(SQL_HANDLE_DBC, handle_.get()).words);
}

}  // namespace rootlet::platform
