// Limits: sqlite.org/limits.html. Settings: sqlite.org/c3ref/c_dbconfig_defensive.html.
#include "storage/guarded_query.hpp"

#include <sqlite3.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/crypto.hpp"
#include "storage/guard_rules.hpp"

namespace rootlet {
namespace {

constexpr int kStepsBetweenLooks = 10'000;  // about a millisecond of SQLite's work

std::string secret_name(char first) {
  return first + to_hex(random_bytes(16));
}

std::chrono::nanoseconds processor_time() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

std::string_view view_of(const char* text) {
  return text != nullptr ? std::string_view(text) : std::string_view();
}

int ask_rules(void* rules, int code, const char* first, const char* second, const char* schema,
              const char* reader) {
  const bool allowed = static_cast<GuardRules*>(rules)->allows({.code = code,
                                                                .first = view_of(first),
                                                                .second = view_of(second),
                                                                .schema = view_of(schema),
                                                                .reader = view_of(reader)});
  return allowed ? SQLITE_OK : SQLITE_DENY;
}

// Errors of SQLite that are about size, although they have the code of a mistake.
bool is_about_size(std::string_view message) {
  for (const std::string_view part : {"too many", "too large", "too big", "too complex", "at most",
                                      "stack overflow", "parser stack"}) {
    if (message.find(part) != message.npos) return true;
  }
  return false;
}

SqlProblem problem_of(int code, std::string_view message) {
  switch (code & 0xFF) {
    case SQLITE_NOMEM:
      return SqlProblem::kMemory;
    case SQLITE_TOOBIG:
      return SqlProblem::kTooLarge;
    case SQLITE_INTERRUPT:
      return SqlProblem::kTime;
    case SQLITE_AUTH:
    case SQLITE_READONLY:
      return SqlProblem::kForbidden;
    case SQLITE_IOERR:
      return code == SQLITE_IOERR_NOMEM ? SqlProblem::kMemory : SqlProblem::kFile;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CANTOPEN:
    case SQLITE_FULL:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return SqlProblem::kFile;
    default:
      return is_about_size(message) ? SqlProblem::kTooLarge : SqlProblem::kMistake;
  }
}

std::string first_word(std::string_view sql) {
  std::string word;
  for (const char c : sql) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (is_letter) {
      word.push_back(c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c);
    } else if (!word.empty()) {
      break;
    }
  }
  return word;
}

}  // namespace

GuardedQuery::GuardedQuery(Database database, const GuardLimits& limits)
    : database_(std::move(database)), limits_(limits), rules_(std::make_unique<GuardRules>()) {}

GuardedQuery::GuardedQuery(GuardedQuery&& other) noexcept
    : database_(std::move(other.database_)),
      limits_(other.limits_),
      rules_(std::move(other.rules_)),
      schemas_(std::move(other.schemas_)),
      statement_(std::exchange(other.statement_, nullptr)) {}

GuardedQuery::~GuardedQuery() {
  sqlite3_finalize(statement_);
}

Result<GuardedQuery> GuardedQuery::open(const GuardLimits& limits) {
  // SQLite counts its memory only if it is asked before it starts.
  const bool is_limited = limits.memory_bytes > 0;
  if (is_limited && sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 1) != SQLITE_OK) {
    return fail(ErrorCode::kInternal, "SQLite was started before its memory was limited");
  }
  ROOTLET_TRY(Database database, Database::open_in_memory());
  if (is_limited) sqlite3_hard_heap_limit64(static_cast<sqlite3_int64>(limits.memory_bytes));
  return GuardedQuery(std::move(database), limits);
}

Result<std::string> GuardedQuery::attach(const std::filesystem::path& path,
                                         const SymmetricKey& key) {
  std::string schema = secret_name('d');
  ROOTLET_TRY(database_.attach(path, key, schema));
  rules_->add_schema(schema);
  schemas_.push_back(schema);
  return schema;
}

Status GuardedQuery::begin_reading() {
  ROOTLET_TRY(database_.execute("BEGIN"));
  for (const std::string& schema : schemas_) {
    ROOTLET_TRY(database_.integer("SELECT count(*) FROM " + schema + ".sqlite_schema"));
  }
  return ok();
}

Status GuardedQuery::add_view(std::string_view name, std::span<const ViewColumn> columns,
                              std::string_view rows) {
  const std::string inner = secret_name('v');
  std::string expressions, names;
  for (const ViewColumn& column : columns) {
    const std::string quoted = quote_identifier(column.name);
    expressions += (expressions.empty() ? "" : ",") + column.sql + " AS " + quoted;
    names += (names.empty() ? "" : ",") + quoted;
  }
  ROOTLET_TRY(database_.execute("CREATE TEMP VIEW " + inner + " AS SELECT " + expressions +
                                " FROM " + std::string(rows)));
  ROOTLET_TRY(database_.execute("CREATE TEMP VIEW " + quote_identifier(name) + " AS SELECT " +
                                names + " FROM temp." + inner));
  rules_->add_view(std::string(name), inner);
  return ok();
}

Status GuardedQuery::collect_stored_names() {
  std::vector<std::string> all = schemas_;
  all.insert(all.end(), {"main", "temp"});
  for (const std::string& schema : all) {
    ROOTLET_TRY(Statement names,
                database_.prepare("SELECT lower(name) FROM " + schema + ".sqlite_schema"));
    while (true) {
      ROOTLET_TRY(const bool more, names.step());
      if (!more) break;
      rules_->add_stored_name(std::string(names.text(0)));
    }
  }
  return ok();
}

void GuardedQuery::close_settings() {
  sqlite3* const handle = database_.handle_;
  for (const int on : {SQLITE_DBCONFIG_DEFENSIVE}) {
    sqlite3_db_config(handle, on, 1, nullptr);
  }
  for (const int off :
       {SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_ENABLE_FKEY,
        SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER,
        SQLITE_DBCONFIG_WRITABLE_SCHEMA, SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE,
        SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE, SQLITE_DBCONFIG_DQS_DML, SQLITE_DBCONFIG_DQS_DDL}) {
    sqlite3_db_config(handle, off, 0, nullptr);
  }
  const std::array<std::pair<int, int>, 11> limits{{
      {SQLITE_LIMIT_LENGTH, static_cast<int>(limits_.value_bytes)},
      {SQLITE_LIMIT_SQL_LENGTH, static_cast<int>(limits_.sql_bytes)},
      {SQLITE_LIMIT_COLUMN, 1'000},        // a join of datasets of 256 columns
      {SQLITE_LIMIT_EXPR_DEPTH, 100},      // people write a tenth of it
      {SQLITE_LIMIT_COMPOUND_SELECT, 50},  // one UNION for each of 50 selects
      {SQLITE_LIMIT_VDBE_OP, 200'000},     // a join of all tables needs some thousand
      {SQLITE_LIMIT_FUNCTION_ARG, 100},
      {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200},  // the time of a match grows with its wildcards
      {SQLITE_LIMIT_VARIABLE_NUMBER, 200},
      {SQLITE_LIMIT_ATTACHED, 0},
      {SQLITE_LIMIT_WORKER_THREADS, 0},
  }};
  for (const auto& [limit, value] : limits) sqlite3_limit(handle, limit, value);
}

Status GuardedQuery::close_access() {
  ROOTLET_TRY(collect_stored_names());
  unsigned char first[1];
  sqlite3_randomness(sizeof first, first);  // opens the system's source of random numbers
  sqlite3_drop_modules(database_.handle_, nullptr);
  close_settings();
  const auto end = processor_time() + limits_.processor_time;
  database_.on_progress(kStepsBetweenLooks, [end] { return processor_time() > end; });
  sqlite3_set_authorizer(database_.handle_, ask_rules, rules_.get());
  return ok();
}

SqlFailure GuardedQuery::failure(int code) const {
  SqlFailure out;
  out.message = sqlite3_errmsg(database_.handle_);
  out.offset = sqlite3_error_offset(database_.handle_);
  out.problem = problem_of(code, out.message);
  if (!rules_->denied().empty()) {
    out.problem = SqlProblem::kForbidden;
    out.name = rules_->denied();
  }
  const int kind = code & 0xFF;
  out.is_damage = kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB || code == SQLITE_IOERR_DATA ||
                  code == SQLITE_IOERR_SHORT_READ || code == SQLITE_IOERR_CORRUPTFS;
  return out;
}

std::optional<SqlFailure> GuardedQuery::prepare(std::string_view sql) {
  sqlite3_finalize(std::exchange(statement_, nullptr));
  rules_->forget();
  if (sql.size() > limits_.sql_bytes) {
    return SqlFailure{.problem = SqlProblem::kTooLarge, .message = "statement too long"};
  }
  if (sql.find('\0') != sql.npos) {
    return SqlFailure{.message = "the statement holds a NUL character",
                      .offset = static_cast<int>(sql.find('\0'))};
  }
  const char* rest = nullptr;
  const int code = sqlite3_prepare_v3(database_.handle_, sql.data(), static_cast<int>(sql.size()),
                                      0, &statement_, &rest);
  if (code != SQLITE_OK) return failure(code);
  const auto read = static_cast<std::size_t>(rest - sql.data());
  return refuse_unless_one_query(sql.substr(read), sql);
}

std::optional<SqlFailure> GuardedQuery::refuse_unless_one_query(std::string_view rest,
                                                                std::string_view sql) {
  if (statement_ == nullptr) return SqlFailure{.message = "there is no statement"};
  if (sqlite3_stmt_isexplain(statement_) != 0) {
    return SqlFailure{
        .problem = SqlProblem::kForbidden, .message = "not allowed", .name = "EXPLAIN"};
  }
  // REINDEX and its like write nothing if there is nothing, and have no columns.
  if (sqlite3_stmt_readonly(statement_) == 0 || sqlite3_column_count(statement_) == 0) {
    return SqlFailure{
        .problem = SqlProblem::kForbidden, .message = "not allowed", .name = first_word(sql)};
  }
  sqlite3_stmt* second = nullptr;
  const int code = sqlite3_prepare_v3(database_.handle_, rest.data(), static_cast<int>(rest.size()),
                                      0, &second, nullptr);
  const bool is_there = second != nullptr;
  sqlite3_finalize(second);
  if (code == SQLITE_OK && !is_there) return std::nullopt;  // blanks and comments
  SqlFailure out = code == SQLITE_OK ? SqlFailure() : failure(code);
  if (out.problem != SqlProblem::kForbidden) {
    out = {.message = "one statement at a time"};
  }
  out.offset = static_cast<int>(sql.size() - rest.size());
  return out;
}

std::vector<SqlColumn> GuardedQuery::columns() const {
  std::vector<SqlColumn> out;
  for (int i = 0; i < sqlite3_column_count(statement_); ++i) {
    out.push_back({.name = std::string(view_of(sqlite3_column_name(statement_, i))),
                   .schema = std::string(view_of(sqlite3_column_database_name(statement_, i))),
                   .column = std::string(view_of(sqlite3_column_origin_name(statement_, i)))});
  }
  return out;
}

std::vector<std::string> GuardedQuery::used_views() const {
  return {rules_->used().begin(), rules_->used().end()};
}

std::optional<SqlFailure> GuardedQuery::parameters(std::vector<std::string>& names) const {
  const int count = sqlite3_bind_parameter_count(statement_);
  for (int i = 1; i <= count; ++i) {
    const char* const name = sqlite3_bind_parameter_name(statement_, i);
    if (name == nullptr || name[0] == '?') {
      return SqlFailure{.message = "a parameter has no name: write :name instead of ?"};
    }
    names.emplace_back(name);
  }
  return std::nullopt;
}

void GuardedQuery::bind(std::string_view parameter, const SqlValue& value) {
  const int index = sqlite3_bind_parameter_index(statement_, std::string(parameter).c_str());
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    sqlite3_bind_int64(statement_, index, *number);
  } else if (const auto* real = std::get_if<double>(&value)) {
    sqlite3_bind_double(statement_, index, *real);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    sqlite3_bind_text64(statement_, index, text->data(), text->size(), SQLITE_TRANSIENT,
                        SQLITE_UTF8);
  } else {
    sqlite3_bind_null(statement_, index);
  }
}

std::variant<bool, SqlFailure> GuardedQuery::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return failure(code);
}

SqlCell GuardedQuery::cell(int column) const {
  SqlCell out;
  const auto text = [&](const void* data) {
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return data != nullptr ? std::string_view(static_cast<const char*>(data), size)
                           : std::string_view();
  };
  switch (sqlite3_column_type(statement_, column)) {
    case SQLITE_INTEGER:
      out = {.kind = SqlCell::Kind::kInteger, .integer = sqlite3_column_int64(statement_, column)};
      break;
    case SQLITE_FLOAT:
      out = {.kind = SqlCell::Kind::kReal, .real = sqlite3_column_double(statement_, column)};
      break;
    case SQLITE_TEXT:
      out.kind = SqlCell::Kind::kText;
      out.text = text(sqlite3_column_text(statement_, column));
      break;
    case SQLITE_BLOB:
      out.kind = SqlCell::Kind::kBytes;
      out.text = text(sqlite3_column_blob(statement_, column));
      break;
    default:
      break;
  }
  return out;
}

}  // namespace rootlet
