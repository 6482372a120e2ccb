// One statement that a person wrote, over tables that this program chose. The connection is an
// empty database in memory; files are attached read-only under names that nobody can guess, and
// people see one view of each table. From close_access() on, an allow-list of what SQLite may do
// (guard_rules.hpp) and its own limits hold.
//
// Promises: nothing is written, and nothing is read but the views and what they are made of. It
// does not bound the time of a single function call and trusts SQLite's own code: run it in a
// process that can be stopped and that has no rights (agent/sql/child).
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "storage/database.hpp"

namespace rootlet {

class GuardRules;

struct GuardLimits {
  std::size_t sql_bytes = 0;
  std::size_t value_bytes = 0;   // of one text, and of one row inside SQLite
  std::size_t memory_bytes = 0;  // of SQLite, in this process; 0: not limited
  std::chrono::milliseconds processor_time{0};
};

enum class SqlProblem {
  kMistake,    // SQLite does not understand the statement
  kForbidden,  // understood, and not allowed here
  kTooLarge,   // a text, the statement or one of its parts is over a limit
  kMemory,
  kTime,
  kFile,  // a file of the data cannot be read
};

struct SqlFailure {
  SqlProblem problem = SqlProblem::kMistake;
  std::string message;     // SQLite's, in English
  std::string name = {};   // kForbidden: of what was not allowed
  int offset = -1;         // in bytes, where SQLite saw it; -1 if it does not say
  bool is_damage = false;  // kFile: a page does not authenticate
};

// A value of a parameter.
using SqlValue = std::variant<std::nullptr_t, std::int64_t, double, std::string>;

// A value of the result. The text holds until the next step.
struct SqlCell {
  enum class Kind { kNull, kInteger, kReal, kText, kBytes } kind = Kind::kNull;
  std::int64_t integer = 0;
  double real = 0;
  std::string_view text = {};
};

// One column of the result. `schema` and `column` name where a value comes from, if the column is
// shown as it is stored; else they are empty.
struct SqlColumn {
  std::string name;
  std::string schema = {};
  std::string column = {};
};

// A column of a view: its name, and the expression that yields it from the rows.
struct ViewColumn {
  std::string name;
  std::string sql;
};

class GuardedQuery {
 public:
  // A limit of memory is for a process that has opened no database yet.
  static Result<GuardedQuery> open(const GuardLimits& limits);
  GuardedQuery(GuardedQuery&&) noexcept;
  GuardedQuery& operator=(GuardedQuery&&) = delete;
  ~GuardedQuery();

  // Before close_access(): everything is allowed.
  Database& database() { return database_; }
  // The schema's name of the attached file. kStorageDamaged if the key does not open it.
  Result<std::string> attach(const std::filesystem::path& path, const SymmetricKey& key);
  // Fixes one state of all attached files until the end. Nothing can be attached after it.
  Status begin_reading();
  // The view `name` of `rows`, a table expression for FROM over one attached file.
  Status add_view(std::string_view name, std::span<const ViewColumn> columns,
                  std::string_view rows);
  // From here on only the views can be read. No file is opened after it.
  Status close_access();

  // Compiles `sql`, one statement. The failure, or nothing.
  std::optional<SqlFailure> prepare(std::string_view sql);
  std::vector<SqlColumn> columns() const;
  // The views that the statement reads, sorted.
  std::vector<std::string> used_views() const;
  // With their sign, ":name". kMistake for one without a name.
  std::optional<SqlFailure> parameters(std::vector<std::string>& names) const;
  void bind(std::string_view parameter, const SqlValue& value);

  // True: a row is there; false: the end.
  std::variant<bool, SqlFailure> step();
  SqlCell cell(int column) const;

 private:
  GuardedQuery(Database database, const GuardLimits& limits);
  SqlFailure failure(int code) const;
  Status collect_stored_names();
  void close_settings();
  std::optional<SqlFailure> refuse_unless_one_query(std::string_view rest, std::string_view sql);

  Database database_;
  GuardLimits limits_;
  std::unique_ptr<GuardRules> rules_;
  std::vector<std::string> schemas_;
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace rootlet
