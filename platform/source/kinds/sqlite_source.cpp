// SQLite's own functions, because the file is another program's: storage/ opens encrypted ones.
#include "platform/source/kinds/sqlite_source.hpp"

#include <sqlite3.h>

#include <charconv>

#include "core/limits.hpp"
#include "platform/source/records/record_source.hpp"

namespace rootlet::platform {
namespace {

constexpr int kBusyWaitMs = 10'000;  // for a writer of the file

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct FinishStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

class SqliteRows final : public RecordReader {
 public:
  SqliteRows(std::string name, std::unique_ptr<sqlite3, CloseDatabase> database,
             std::unique_ptr<sqlite3_stmt, FinishStatement> statement)
      : name_(std::move(name)), database_(std::move(database)), statement_(std::move(statement)) {}

  Result<std::vector<std::string>> columns(const DatasetDefinition&) override {
    std::vector<std::string> names;
    const int count = sqlite3_column_count(statement_.get());
    for (int i = 0; i < count; ++i) names.emplace_back(sqlite3_column_name(statement_.get(), i));
    numbers_.resize(names.size());
    return names;
  }

  Result<bool> next(Record& record) override {
    const int step = sqlite3_step(statement_.get());
    if (step == SQLITE_DONE) return false;
    if (step != SQLITE_ROW) {
      return fail(ErrorCode::kStorage, name_ + ": after row " + std::to_string(number_) + ": " +
                                           sqlite3_errmsg(database_.get()));
    }
    record.number = ++number_;
    record.fields.clear();
    for (int i = 0; i < static_cast<int>(numbers_.size()); ++i) {
      ROOTLET_TRY(const std::string_view field, text_of(i));
      record.fields.push_back(field);
    }
    return true;
  }

 private:
  Result<std::string_view> text_of(int i) {
    std::string& number = numbers_[static_cast<std::size_t>(i)];
    switch (sqlite3_column_type(statement_.get(), i)) {
      case SQLITE_NULL:
        return std::string_view();
      case SQLITE_INTEGER:
        number = std::to_string(sqlite3_column_int64(statement_.get(), i));
        return std::string_view(number);
      case SQLITE_FLOAT:
        number = digits_of(sqlite3_column_double(statement_.get(), i));
        return std::string_view(number);
      case SQLITE_TEXT: {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), i));
        if (text == nullptr) return fail(ErrorCode::kStorage, name_ + ": out of memory");
        return std::string_view(
            text, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), i)));
      }
      default:
        break;
    }
    const std::string place =
        "row " + std::to_string(number_) + ", column " + sqlite3_column_name(statement_.get(), i);
    return bad_input(name_ + ": " + place + ": holds bytes, not a text or a number", place);
  }

  static std::string digits_of(double value) {
    char digits[400];
    const auto end =
        std::to_chars(std::begin(digits), std::end(digits), value, std::chars_format::fixed);
    std::string text(digits, end.ptr);
    return text;
  }

  std::string name_;
  std::unique_ptr<sqlite3, CloseDatabase> database_;
  std::unique_ptr<sqlite3_stmt, FinishStatement> statement_;
  std::vector<std::string> numbers_;  // texts of numbers in the present row
  std::uint64_t number_ = 0;
};

}  // namespace

Result<std::unique_ptr<RowSource>> open_sqlite_source(const std::filesystem::path& path,
                                                      const std::string& query) {
  const std::string name = path.filename().string();
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<sqlite3, CloseDatabase> database(opened);
  if (code != SQLITE_OK) {
    const char* why = opened == nullptr ? "out of memory" : sqlite3_errmsg(opened);
    return fail(ErrorCode::kStorage, "open " + path.string() + ": " + why);
  }
  sqlite3_busy_timeout(opened, kBusyWaitMs);
  sqlite3_limit(opened, SQLITE_LIMIT_LENGTH, static_cast<int>(limits::kCsvRowBytes));
  // Its schema is the work of others.
  sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_stmt* prepared = nullptr;
  const char* rest = nullptr;
  const int taken =
      sqlite3_prepare_v2(opened, query.data(), static_cast<int>(query.size()), &prepared, &rest);
  std::unique_ptr<sqlite3_stmt, FinishStatement> statement(prepared);
  if (taken == SQLITE_NOTADB || taken == SQLITE_CORRUPT || taken == SQLITE_BUSY) {
    return fail(ErrorCode::kStorage, name + ": " + sqlite3_errmsg(opened));
  }
  const bool is_query = taken == SQLITE_OK && prepared != nullptr &&
                        sqlite3_stmt_readonly(prepared) != 0 && sqlite3_column_count(prepared) > 0;
  if (!is_query) {
    const std::string why =
        taken == SQLITE_OK ? "the query must be one SELECT" : sqlite3_errmsg(opened);
    return fail(ErrorCode::kUsage, name + ": " + why);
  }
  if (std::string_view(rest).find_first_not_of(" \t\r\n;") != std::string_view::npos) {
    return fail(ErrorCode::kUsage, name + ": the query must be one SELECT");
  }
  return record_source(
      {.source = name, .unit = "row"},
      std::make_unique<SqliteRows>(name, std::move(database), std::move(statement)));
}

}  // namespace rootlet::platform
