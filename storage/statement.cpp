// Prepared statements: binding, stepping, reading columns.
#include <sqlite3.h>

#include <utility>

#include "storage/database.hpp"
#include "storage/sqlite/idle_statements.hpp"
#include "storage/sqlite/sqlite_error.hpp"

namespace rootlet {

Statement::Statement(sqlite3_stmt* statement, sqlite3* database)
    : statement_(statement), database_(database) {}

Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)),
      database_(other.database_),
      bind_error_(other.bind_error_) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  if (this != &other) {
    IdleStatements::give_back(statement_);
    statement_ = std::exchange(other.statement_, nullptr);
    database_ = other.database_;
    bind_error_ = other.bind_error_;
  }
  return *this;
}

Statement::~Statement() {
  IdleStatements::give_back(statement_);
}

Statement& Statement::bind(int index, std::int64_t value) {
  bind_error_ |= sqlite3_bind_int64(statement_, index, value);
  return *this;
}

Statement& Statement::bind(int index, std::string_view text) {
  return bind_text(index, text, SQLITE_TRANSIENT);
}

Statement& Statement::bind(int index, ByteView blob) {
  return bind_blob(index, blob, SQLITE_TRANSIENT);
}

Statement& Statement::bind_view(int index, std::string_view text) {
  return bind_text(index, text, SQLITE_STATIC);
}

Statement& Statement::bind_view(int index, ByteView blob) {
  return bind_blob(index, blob, SQLITE_STATIC);
}

Statement& Statement::bind_text(int index, std::string_view text, void (*keep)(void*)) {
  const char* data = text.data() != nullptr ? text.data() : "";
  bind_error_ |= sqlite3_bind_text64(statement_, index, data, text.size(), keep, SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind_blob(int index, ByteView blob, void (*keep)(void*)) {
  const void* data = blob.data() != nullptr ? static_cast<const void*>(blob.data()) : "";
  bind_error_ |= sqlite3_bind_blob64(statement_, index, data, blob.size(), keep);
  return *this;
}

Statement& Statement::bind_null(int index) {
  bind_error_ |= sqlite3_bind_null(statement_, index);
  return *this;
}

Result<bool> Statement::step() {
  if (bind_error_ != SQLITE_OK) return sqlite_error(bind_error_, database_, "bind", nullptr);
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return file_error(code, running_in(database_), sqlite3_errmsg(database_), database_);
}

Status Statement::run() {
  while (true) {
    Result<bool> row = step();
    if (row.has_error()) {
      reset();
      return row.error();
    }
    if (!row.value()) break;
  }
  reset();
  return ok();
}

void Statement::reset() {
  sqlite3_reset(statement_);
  bind_error_ = SQLITE_OK;
}

int Statement::column_count() const {
  return sqlite3_column_count(statement_);
}

std::string_view Statement::column_name(int column) const {
  return sqlite3_column_name(statement_, column);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

bool Statement::is_integer(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_INTEGER;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string_view Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return data != nullptr ? std::string_view(data, size) : std::string_view();
}

ByteView Statement::blob(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return data != nullptr ? ByteView(data, size) : ByteView();
}

}  // namespace rootlet
