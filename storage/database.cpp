// SQLite (sqlite.org/c3ref): opening, running, the write-ahead log.
#include "storage/database.hpp"

#include <sqlite3.h>

#include <chrono>
#include <thread>
#include <utility>

#include "core/limits.hpp"
#include "storage/sqlite/idle_statements.hpp"
#include "storage/sqlite/page_key.hpp"
#include "storage/sqlite/search_tokenizer.hpp"
#include "storage/sqlite/sqlite_error.hpp"
#include "storage/sqlite/sqlite_memory.hpp"
#include "storage/sqlite/text_functions.hpp"

namespace rootlet {
namespace {

constexpr int kLongWalPages = 500;  // a commit that finds more copies them into the file

const char* cipher_name(PageCipher cipher) {
  if (cipher == PageCipher::kAuto) return quickest_cipher();
  return cipher == PageCipher::kAegis256 ? kAegis : kChaCha;
}

int open_flags(OpenMode mode) {
  const int common = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (mode == OpenMode::kReadOnly) return common | SQLITE_OPEN_READONLY;
  return common | SQLITE_OPEN_READWRITE | (mode == OpenMode::kCreate ? SQLITE_OPEN_CREATE : 0);
}

int run_progress(void* context) {
  return (*static_cast<std::function<bool()>*>(context))() ? 1 : 0;
}

std::string settings_for(const OpenOptions& options) {
  std::string sql =
      "PRAGMA cache_size=-" + std::to_string(options.cache_kib) +
      "; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA cell_size_check=ON;";
  if (options.mode == OpenMode::kReadOnly) return sql;
  // What is deleted is overwritten: erasing is a duty, and a key's page may be copied off the disk.
  sql += "PRAGMA secure_delete=ON;";
  sql += "PRAGMA journal_size_limit=4194304; PRAGMA wal_autocheckpoint=" +
         std::to_string(options.checkpoints ? kLongWalPages : 0) + ";";
  sql += options.durability == Durability::kFull ? "PRAGMA synchronous=FULL;"
                                                 : "PRAGMA synchronous=NORMAL;";
  return sql;
}

// Changing a new file to WAL takes two locks in turn, so SQLite returns "busy" at once, without
// waiting, when another connection does the same.
Status enter_wal_mode(Database& database, std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds kStep{2};
  const auto end = std::chrono::steady_clock::now() + patience;
  while (true) {
    Status entered = database.execute("PRAGMA journal_mode=WAL");
    const bool busy = entered.has_error() && entered.error().code == ErrorCode::kBusy;
    if (!busy || std::chrono::steady_clock::now() > end) return entered;
    std::this_thread::sleep_for(kStep);
  }
}

void close_connection(sqlite3* handle) {
  IdleStatements::end(handle);
  sqlite3_close_v2(handle);
}

}  // namespace

Status sqlite_memory::use() {
  static const int code = [] {
    const sqlite3_mem_methods methods{.xMalloc = sqlite_memory::take,
                                      .xFree = sqlite_memory::wipe_and_free,
                                      .xRealloc = sqlite_memory::resize,
                                      .xSize = sqlite_memory::size_of,
                                      .xRoundup = sqlite_memory::round_up,
                                      .xInit = [](void*) { return SQLITE_OK; },
                                      .xShutdown = [](void*) {},
                                      .pAppData = nullptr};
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
  }();
  if (code == SQLITE_OK) return ok();
  return fail(ErrorCode::kInternal, "SQLite was started before its memory was set up");
}

Database::Database(sqlite3* handle, std::string name, int busy_ms)
    : handle_(handle), name_(std::move(name)), busy_ms_(busy_ms) {}

Database::Database(Database&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)),
      name_(std::move(other.name_)),
      busy_ms_(other.busy_ms_),
      progress_(std::move(other.progress_)) {}

Database& Database::operator=(Database&& other) noexcept {
  if (this != &other) {
    close_connection(handle_);
    handle_ = std::exchange(other.handle_, nullptr);
    name_ = std::move(other.name_);
    busy_ms_ = other.busy_ms_;
    progress_ = std::move(other.progress_);
  }
  return *this;
}

Database::~Database() {
  close_connection(handle_);
}

Result<Database> Database::open(const std::filesystem::path& path, const SymmetricKey& key,
                                const OpenOptions& options) {
  ROOTLET_TRY(sqlite_memory::use());
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, open_flags(options.mode), nullptr);
  const auto busy_ms = static_cast<int>(options.busy_wait.count());
  Database database(handle, path.filename().string(), busy_ms);
  if (code != SQLITE_OK) return file_error(code, handle, "open " + path.string(), nullptr, path);
  sqlite3_busy_timeout(handle, busy_ms);
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, static_cast<int>(16 * limits::kMiB));
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  if (add_text_functions(handle) != SQLITE_OK) {
    return fail(ErrorCode::kInternal, database.name_ + ": SQLite takes no function");
  }
  ROOTLET_TRY(set_key(handle, key, cipher_name(options.cipher), database.name_));
  if (options.mode != OpenMode::kReadOnly) {
    ROOTLET_TRY(enter_wal_mode(database, options.busy_wait));
  }
  ROOTLET_TRY(database.execute(settings_for(options)));
  // A wrong key shows only when the first page is read.
  ROOTLET_TRY(database.integer("SELECT count(*) FROM sqlite_schema"));
  // It asks SQLite with a statement, so the file must be readable.
  if (add_search_tokenizer(handle) != SQLITE_OK) {
    return fail(ErrorCode::kInternal, database.name_ + ": SQLite takes no tokenizer");
  }
  IdleStatements::begin(handle);
  return database;
}

Result<Database> Database::open_in_memory() {
  ROOTLET_TRY(sqlite_memory::use());
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(":memory:", &handle, open_flags(OpenMode::kReadOnly), nullptr);
  const auto busy_ms = static_cast<int>(OpenOptions().busy_wait.count());
  Database database(handle, "memory", busy_ms);
  if (code != SQLITE_OK) return sqlite_error(code, handle, "open a database in memory", nullptr);
  sqlite3_busy_timeout(handle, busy_ms);
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, static_cast<int>(16 * limits::kMiB));
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  if (add_text_functions(handle) != SQLITE_OK) {
    return fail(ErrorCode::kInternal, "SQLite takes no function");
  }
  ROOTLET_TRY(database.execute("PRAGMA temp_store=MEMORY; PRAGMA cell_size_check=ON;"));
  return database;
}

Status Database::attach(const std::filesystem::path& path, const SymmetricKey& key,
                        const std::string& schema, PageCipher cipher) {
  const std::string name = path.filename().string();
  ROOTLET_TRY(choose_cipher(handle_, cipher_name(cipher), name));
  {
    const RawKey raw(key);
    ROOTLET_TRY(Statement attach, prepare("ATTACH ?1 AS ?2 KEY ?3"));
    attach.bind_view(1, std::string_view(path.native()));
    attach.bind_view(2, std::string_view(schema));
    attach.bind_view(3, raw.text());
    const Status attached = attach.run();
    if (attached.has_error()) return within(name, attached.error());
  }
  // A wrong key shows only when the first page is read.
  const Result<std::int64_t> read =
      integer("SELECT count(*) FROM " + quote_identifier(schema) + ".sqlite_schema");
  return read.has_error() ? Status(within(name, read.error())) : ok();
}

Status Database::execute(std::string_view sql) {
  char* message = nullptr;
  const int code = sqlite3_exec(handle_, std::string(sql).c_str(), nullptr, nullptr, &message);
  if (code == SQLITE_OK) return ok();
  Error error = file_error(code, name_, message, handle_);
  sqlite3_free(message);
  return error;
}

Result<Statement> Database::prepare(std::string_view sql) {
  IdleStatements* idle = IdleStatements::of(handle_);
  sqlite3_stmt* statement = idle != nullptr ? idle->take(sql) : nullptr;
  if (statement != nullptr) return Statement(statement, handle_);
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return file_error(code, name_, sqlite3_errmsg(handle_), handle_);
  return Statement(statement, handle_);
}

Result<std::int64_t> Database::integer(std::string_view sql, std::int64_t fallback) {
  ROOTLET_TRY(Statement statement, prepare(sql));
  ROOTLET_TRY(const bool row, statement.step());
  return row && !statement.is_null(0) ? statement.integer(0) : fallback;
}

std::int64_t Database::changes() const {
  return sqlite3_changes64(handle_);
}
std::int64_t Database::total_changes() const {
  return sqlite3_total_changes64(handle_);
}
std::int64_t Database::last_insert_rowid() const {
  return sqlite3_last_insert_rowid(handle_);
}

Status Database::checkpoint() {
  sqlite3_busy_timeout(handle_, 0);
  Status done = checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
  sqlite3_busy_timeout(handle_, busy_ms_);
  return done;
}

Status Database::empty_wal() {
  const int code =
      sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  return code == SQLITE_OK
             ? ok()
             : Status(sqlite_error(code, handle_, name_ + ": empty the log", nullptr));
}

Status Database::rewrite() {
  return execute("VACUUM");
}

Status Database::copy_to(const std::filesystem::path& path) {
  ROOTLET_TRY(Statement copy, prepare("VACUUM INTO ?"));
  return copy.bind_all(path.string()).run();
}

void Database::copy_wal_on_commit(bool copies) {
  sqlite3_wal_autocheckpoint(handle_, copies ? kLongWalPages : 0);
}

Status Database::copy_wal() {
  return checkpoint(SQLITE_CHECKPOINT_PASSIVE);
}

Status Database::checkpoint(int mode) {
  // While a reader holds the WAL open, a checkpoint is partial; the next one continues.
  const int code = sqlite3_wal_checkpoint_v2(handle_, nullptr, mode, nullptr, nullptr);
  if (code != SQLITE_OK && (code & 0xFF) != SQLITE_BUSY) {
    return sqlite_error(code, handle_, name_ + ": checkpoint", nullptr);
  }
  return ok();
}

void Database::release_memory() {
  sqlite3_db_release_memory(handle_);
}

void Database::on_progress(int steps, std::function<bool()> should_stop) {
  progress_ = std::make_unique<std::function<bool()>>(std::move(should_stop));
  sqlite3_progress_handler(handle_, steps, run_progress, progress_.get());
}

std::string quote_identifier(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    out.push_back(c);
    if (c == '"') out.push_back(c);
  }
  return out + "\"";
}

}  // namespace rootlet
