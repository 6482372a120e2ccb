// SQLite (sqlite.org/c3ref) and its cipher extension (utelle.github.io/SQLite3MultipleCiphers).
#include "storage/database.hpp"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <iterator>
#include <thread>
#include <utility>
#include <vector>

#include "core/file/owner.hpp"
#include "core/file/space.hpp"
#include "core/limits.hpp"
#include "storage/search_tokenizer.hpp"
#include "storage/sqlite_memory.hpp"
#include "storage/text_functions.hpp"

namespace rootlet {
namespace {

constexpr int kLongWalPages = 500;  // a commit that finds more copies them into the file

// The file is not as this program wrote it, although the system read it without an error.
bool is_damage(int code, std::string_view detail) {
  if (code == SQLITE_IOERR_SHORT_READ || code == SQLITE_IOERR_DATA ||
      code == SQLITE_IOERR_CORRUPTFS) {
    return true;
  }
  // All SQL is ours, so a table or column is missing only if it was lost.
  return (code & 0xFF) == SQLITE_ERROR &&
         (detail.starts_with("no such table") || detail.starts_with("no such column"));
}

// SQLite's files are full if it says so, if the system's own error says so, or if a write failed on
// a file system without a free block: the shared-memory file reports only that "I/O failed".
bool is_disk_full(int code, sqlite3* handle) {
  constexpr std::uint64_t kOneBlock = 4 * limits::kKiB;
  const int kind = code & 0xFF;
  if (kind == SQLITE_FULL) return true;
  if (kind != SQLITE_IOERR && kind != SQLITE_CANTOPEN) return false;
  if (code == SQLITE_IOERR_READ || code == SQLITE_IOERR_NOMEM || handle == nullptr) return false;
  if (is_damage(code, "")) return false;
  const int reason = sqlite3_system_errno(handle);
  if (reason == ENOSPC || reason == EDQUOT) return true;
  const char* file = sqlite3_db_filename(handle, "main");
  return file != nullptr && free_bytes(file).value_or(kOneBlock) < kOneBlock;
}

ErrorCode kind_of(int code, std::string_view detail) {
  if (is_damage(code, detail)) return ErrorCode::kStorageDamaged;
  switch (code & 0xFF) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return ErrorCode::kStorageDamaged;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::kBusy;
    default:
      return ErrorCode::kStorage;
  }
}

// `handle` may be null.
Error sqlite_error(int code, sqlite3* handle, const std::string& where, const char* detail) {
  if (is_disk_full(code, handle)) {
    const char* file = handle != nullptr ? sqlite3_db_filename(handle, "main") : nullptr;
    const std::string space = file != nullptr ? "; " + words_of_space(file) : "";
    return fail(ErrorCode::kStorageFull, where + ": the disk is full" + space);
  }
  return fail(kind_of(code, detail != nullptr ? detail : ""),
              where + ": " + (detail != nullptr ? detail : sqlite3_errstr(code)));
}

bool comes_of_permissions(int code) {
  const int kind = code & 0xFF;
  return kind == SQLITE_READONLY || kind == SQLITE_CANTOPEN || kind == SQLITE_PERM;
}

// Of the database and the files beside it, the first that another user owns; else empty.
fs::path foreign_file(const fs::path& database) {
  for (const char* suffix : {"", "-wal", "-shm"}) {
    fs::path path = database;
    path += suffix;
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0 && info.st_uid != ::geteuid()) return path;
  }
  return {};
}

// Like sqlite_error(), and names the file and its owner if the cause is who owns it.
Error file_error(int code, sqlite3* handle, const std::string& where, const char* detail,
                 const fs::path& database) {
  Error error = sqlite_error(code, handle, where, detail);
  if (error.code == ErrorCode::kStorageFull || !comes_of_permissions(code)) return error;
  const fs::path foreign = foreign_file(database);
  const fs::path named = foreign.empty() ? database : foreign;
  error.message += ": " + named.string() + foreign_owner_note(named);
  if (foreign.empty()) return error;
  const std::string command = "sudo chown " + user_name(::geteuid()) + ": " + named.string();
  error.hint = {.en = "Give the file back: " + command, .zh = "请归还文件所有权：" + command};
  return error;
}

Error file_error(int code, const std::string& where, const char* detail, sqlite3* handle) {
  const char* path = sqlite3_db_filename(handle, "main");
  return file_error(code, handle, where, detail, fs::path(path != nullptr ? path : ""));
}

// "roster.db: run", for an error of a statement.
std::string running_in(sqlite3* handle) {
  const char* const path = sqlite3_db_filename(handle, "main");
  const std::string name = std::filesystem::path(path != nullptr ? path : "").filename().string();
  return name.empty() ? "run" : name + ": run";
}

bool processor_has_aes() {
#if defined(__x86_64__)
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_AES) != 0;
#elif defined(__aarch64__)
  return (getauxval(AT_HWCAP) & (1 << 3)) != 0;  // HWCAP_AES
#else
  return false;
#endif
}

const char* cipher_name(PageCipher cipher) {
  if (cipher == PageCipher::kAuto) {
    cipher = processor_has_aes() ? PageCipher::kAegis256 : PageCipher::kChaCha20;
  }
  return cipher == PageCipher::kAegis256 ? "aegis" : "chacha20";
}

int open_flags(OpenMode mode) {
  const int common = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (mode == OpenMode::kReadOnly) return common | SQLITE_OPEN_READONLY;
  return common | SQLITE_OPEN_READWRITE | (mode == OpenMode::kCreate ? SQLITE_OPEN_CREATE : 0);
}

// Before the first database of the process is opened; any thread.
Status use_wiped_memory() {
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

int run_progress(void* context) {
  return (*static_cast<std::function<bool()>*>(context))() ? 1 : 0;
}

// The cipher of the next file that gets a key.
Status choose_cipher(sqlite3* handle, PageCipher cipher, const std::string& name) {
  const int index = sqlite3mc_cipher_index(cipher_name(cipher));
  const bool aegis = std::string_view(cipher_name(cipher)) == "aegis";
  bool fits = index > 0 && sqlite3mc_config(handle, "cipher", index) == index;
  if (aegis) fits = fits && sqlite3mc_config_cipher(handle, "aegis", "algorithm", 5) == 5;
  if (!fits) return fail(ErrorCode::kInternal, name + ": this page cipher is not available");
  return ok();
}

// "raw:" and 64 hexadecimal digits: a key, not a passphrase, so nothing is derived at each open.
// Wiped on destruction.
class RawKey {
 public:
  explicit RawKey(const SymmetricKey& key) {
    std::copy(kRaw.begin(), kRaw.end(), text_.begin());
    sodium_bin2hex(text_.data() + kRaw.size(), text_.size() - kRaw.size(), key.expose().data(), 32);
  }
  RawKey(const RawKey&) = delete;
  RawKey& operator=(const RawKey&) = delete;
  ~RawKey() { sodium_memzero(text_.data(), text_.size()); }
  std::string_view text() const { return {text_.data(), text_.size() - 1}; }

 private:
  static constexpr std::string_view kRaw = "raw:";
  std::array<char, kRaw.size() + 2 * 32 + 1> text_{};
};

// The key must reach SQLite before the first page is read.
Status set_key(sqlite3* handle, const SymmetricKey& key, PageCipher cipher,
               const std::string& name) {
  ROOTLET_TRY(choose_cipher(handle, cipher, name));
  const RawKey raw(key);
  const int code = sqlite3_key(handle, raw.text().data(), static_cast<int>(raw.text().size()));
  if (code != SQLITE_OK) return sqlite_error(code, handle, name + ": key", nullptr);
  return ok();
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

// Statements that nobody uses now, kept with their connection: preparing one takes longer than most
// of its runs. They hold no values and no lock.
class IdleStatements {
 public:
  IdleStatements() = default;
  IdleStatements(const IdleStatements&) = delete;
  IdleStatements& operator=(const IdleStatements&) = delete;
  ~IdleStatements() {
    for (sqlite3_stmt* statement : idle_) sqlite3_finalize(statement);
  }

  static void begin(sqlite3* handle) {
    sqlite3_set_clientdata(handle, kName, new IdleStatements,
                           [](void* idle) { delete static_cast<IdleStatements*>(idle); });
  }
  static void end(sqlite3* handle) {
    if (handle != nullptr) sqlite3_set_clientdata(handle, kName, nullptr, nullptr);
  }
  // Null before begin() and after end().
  static IdleStatements* of(sqlite3* handle) {
    return static_cast<IdleStatements*>(sqlite3_get_clientdata(handle, kName));
  }

  // Null if there is none.
  sqlite3_stmt* take(std::string_view sql) {
    const auto found = std::find_if(idle_.rbegin(), idle_.rend(), [&](sqlite3_stmt* statement) {
      return sql == sqlite3_sql(statement);
    });
    if (found == idle_.rend()) return nullptr;
    sqlite3_stmt* statement = *found;
    idle_.erase(std::next(found).base());
    return statement;
  }
  void keep(sqlite3_stmt* statement) {
    if (idle_.size() == kMost) {
      sqlite3_finalize(idle_.front());
      idle_.erase(idle_.begin());
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    idle_.push_back(statement);
  }

 private:
  static constexpr const char* kName = "rootlet idle statements";
  static constexpr std::size_t kMost = 48;  // a publish uses some 30, of a few kB each
  std::vector<sqlite3_stmt*> idle_;         // the one used last at the end
};

void give_back(sqlite3_stmt* statement) {
  if (statement == nullptr) return;
  IdleStatements* idle = IdleStatements::of(sqlite3_db_handle(statement));
  if (idle != nullptr) {
    idle->keep(statement);
  } else {
    sqlite3_finalize(statement);
  }
}

void close_connection(sqlite3* handle) {
  IdleStatements::end(handle);
  sqlite3_close_v2(handle);
}

}  // namespace

Statement::Statement(sqlite3_stmt* statement, sqlite3* database)
    : statement_(statement), database_(database) {}

Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)),
      database_(other.database_),
      bind_error_(other.bind_error_) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  if (this != &other) {
    give_back(statement_);
    statement_ = std::exchange(other.statement_, nullptr);
    database_ = other.database_;
    bind_error_ = other.bind_error_;
  }
  return *this;
}

Statement::~Statement() {
  give_back(statement_);
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
  ROOTLET_TRY(use_wiped_memory());
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
  ROOTLET_TRY(set_key(handle, key, options.cipher, database.name_));
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
  ROOTLET_TRY(use_wiped_memory());
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
  ROOTLET_TRY(choose_cipher(handle_, cipher, name));
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

Result<Transaction> Transaction::begin(Database& database) {
  ROOTLET_TRY(database.execute("BEGIN IMMEDIATE"));
  return Transaction(&database);
}

Transaction::~Transaction() {
  if (database_ == nullptr) return;
  // A failed statement may already have rolled back; then there is nothing left to undo.
  static_cast<void>(database_->execute("ROLLBACK").has_error());
}

Status Transaction::commit() {
  ROOTLET_TRY(database_->execute("COMMIT"));
  database_ = nullptr;
  return ok();
}

Result<ReadTransaction> ReadTransaction::begin(Database& database) {
  ROOTLET_TRY(database.execute("BEGIN"));
  ReadTransaction reading(&database);
  // BEGIN alone does not fix the view of the file; reading the first page does.
  ROOTLET_TRY(database.integer("SELECT count(*) FROM sqlite_schema"));
  return reading;
}

void ReadTransaction::end() {
  if (database_ == nullptr) return;
  // Nothing is written: this fails only if an error has ended the transaction before.
  static_cast<void>(database_->execute("COMMIT").has_error());
  database_ = nullptr;
}

Status migrate(Database& database, std::span<const std::string_view> migrations) {
  ROOTLET_TRY(const std::int64_t version, database.integer("PRAGMA user_version"));
  const auto known = static_cast<std::int64_t>(migrations.size());
  if (version > known) {
    return fail(ErrorCode::kStorageDamaged, "the file has version " + std::to_string(version) +
                                                ", this program knows " + std::to_string(known) +
                                                ": install the newer program");
  }
  for (std::int64_t next = version; next < known; ++next) {
    ROOTLET_TRY(Transaction transaction, Transaction::begin(database));
    // Another thread may have migrated the same new file meanwhile.
    ROOTLET_TRY(const std::int64_t reached, database.integer("PRAGMA user_version"));
    if (reached > next) continue;
    ROOTLET_TRY(database.execute(migrations[static_cast<std::size_t>(next)]));
    ROOTLET_TRY(database.execute("PRAGMA user_version=" + std::to_string(next + 1)));
    ROOTLET_TRY(transaction.commit());
  }
  return ok();
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
