// SQLite without encryption (sqlite.org/c3ref, sqlite.org/security.html).
#include "storage/foreign_database.hpp"

#include <sqlite3.h>

#include <charconv>

#include "storage/sqlite/sqlite_memory.hpp"

namespace rootlet {
namespace {

constexpr int kBusyWaitMs = 10'000;  // for a writer of the file

std::string digits_of(double value) {
  char digits[400];
  const auto end =
      std::to_chars(std::begin(digits), std::end(digits), value, std::chars_format::fixed);
  return std::string(digits, end.ptr);
}

}  // namespace

Result<ForeignDatabase> ForeignDatabase::open(const std::filesystem::path& path,
                                              std::size_t cell_bytes) {
  ROOTLET_TRY(sqlite_memory::use());
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
  const std::shared_ptr<sqlite3> handle(opened, sqlite3_close_v2);
  if (code != SQLITE_OK) {
    const char* why = opened == nullptr ? "out of memory" : sqlite3_errmsg(opened);
    return fail(ErrorCode::kStorage, "open " + path.string() + ": " + why);
  }
  sqlite3_busy_timeout(opened, kBusyWaitMs);
  sqlite3_limit(opened, SQLITE_LIMIT_LENGTH, static_cast<int>(cell_bytes));
  sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  return ForeignDatabase(handle, path.filename().string());
}

Status ForeignDatabase::begin() {
  const int code = sqlite3_exec(handle_.get(), "BEGIN", nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return ok();
  return fail(ErrorCode::kStorage, name_ + ": " + sqlite3_errmsg(handle_.get()));
}

Result<ForeignRows> ForeignDatabase::query(std::string_view sql) {
  sqlite3_stmt* prepared = nullptr;
  const char* rest = nullptr;
  const int code =
      sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()), &prepared, &rest);
  const std::shared_ptr<sqlite3_stmt> statement(prepared, sqlite3_finalize);
  if (code != SQLITE_OK) {
    const bool is_file = code == SQLITE_NOTADB || code == SQLITE_CORRUPT || code == SQLITE_BUSY;
    return fail(is_file ? ErrorCode::kStorage : ErrorCode::kUsage,
                name_ + ": " + sqlite3_errmsg(handle_.get()));
  }
  const std::string_view left(rest, static_cast<std::size_t>(sql.data() + sql.size() - rest));
  const bool is_one_query = prepared != nullptr && sqlite3_stmt_readonly(prepared) != 0 &&
                            sqlite3_column_count(prepared) > 0 &&
                            left.find_first_not_of(" \t\r\n;") == left.npos;
  if (!is_one_query) return fail(ErrorCode::kUsage, name_ + ": the query must be one SELECT");
  return ForeignRows(handle_, statement, name_);
}

ForeignRows::ForeignRows(std::shared_ptr<sqlite3> handle, std::shared_ptr<sqlite3_stmt> statement,
                         std::string name)
    : handle_(std::move(handle)),
      statement_(std::move(statement)),
      name_(std::move(name)),
      numbers_(static_cast<std::size_t>(sqlite3_column_count(statement_.get()))) {}

std::vector<std::string> ForeignRows::columns() const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < numbers_.size(); ++i) {
    names.emplace_back(sqlite3_column_name(statement_.get(), static_cast<int>(i)));
  }
  return names;
}

Result<bool> ForeignRows::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_DONE) return false;
  if (code != SQLITE_ROW) {
    return fail(ErrorCode::kStorage, name_ + ": after row " + std::to_string(row_) + ": " +
                                         sqlite3_errmsg(handle_.get()));
  }
  ++row_;
  return true;
}

bool ForeignRows::read(std::size_t column, std::string_view& text) {
  const int i = static_cast<int>(column);
  sqlite3_stmt* row = statement_.get();
  switch (sqlite3_column_type(row, i)) {
    case SQLITE_NULL:
      text = {};
      return true;
    case SQLITE_INTEGER:
      text = numbers_[column] = std::to_string(sqlite3_column_int64(row, i));
      return true;
    case SQLITE_FLOAT:
      text = numbers_[column] = digits_of(sqlite3_column_double(row, i));
      return true;
    case SQLITE_TEXT: {
      const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(row, i));
      if (bytes == nullptr) return false;
      text = std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(row, i)));
      return true;
    }
    default:
      break;
  }
  return false;
}

}  // namespace rootlet
