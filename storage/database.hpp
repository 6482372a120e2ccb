// SQLite with encrypted pages (SQLite3 Multiple Ciphers), without SQLite's own names: all database
// files of this program are opened here. One Database per thread; a statement belongs to its
// Database.
//
// Promises: every file is encrypted with the given key; a commit under Durability::kFull is on disk
// before it returns; WAL files stay bounded; deleted bytes are overwritten in the file, and memory
// that SQLite frees is wiped. Errors: kStorage, kStorageFull, kStorageDamaged (wrong key, a page
// that does not authenticate or is cut off, a table that is missing), kBusy. Which files there are:
// docs/ARCHITECTURE.md, "What is remembered".
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/bytes.hpp"
#include "core/secret.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace rootlet {

enum class OpenMode { kCreate, kReadWrite, kReadOnly };
enum class Durability {
  kNormal,  // a power cut may lose the last commits, never consistency: caches that can be
            // refetched
  kFull,    // a commit that returned is on disk: what people typed
};
// Which cipher encrypts the pages. kAuto: aegis-256 where the processor has AES, else ChaCha20.
enum class PageCipher { kAuto, kAegis256, kChaCha20 };

struct OpenOptions {
  OpenMode mode = OpenMode::kCreate;
  Durability durability = Durability::kNormal;
  PageCipher cipher = PageCipher::kAuto;
  int cache_kib = 2048;
  // Whether a commit that finds the WAL long copies it into the file; if not, the owner calls
  // checkpoint().
  bool checkpoints = true;
  std::chrono::milliseconds busy_wait{10'000};
};

class Statement {
 public:
  Statement(Statement&&) noexcept;
  Statement& operator=(Statement&&) noexcept;
  ~Statement();

  // Parameters count from 1. Text and blobs are copied.
  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, std::string_view text);
  Statement& bind(int index, ByteView blob);
  Statement& bind_null(int index);
  // Not copied: the bytes must stay until the statement has run or is reset.
  Statement& bind_view(int index, std::string_view text);
  Statement& bind_view(int index, ByteView blob);
  // Binds 1, 2, 3 … in order.
  template <typename... Values>
  Statement& bind_all(const Values&... values) {
    reset();
    int index = 0;
    (bind_any(++index, values), ...);
    return *this;
  }

  Result<bool> step();  // true: a row is there
  Status run();         // steps to the end and resets
  void reset();         // ready for new parameters

  int column_count() const;
  std::string_view column_name(int column) const;
  bool is_null(int column) const;
  bool is_integer(int column) const;
  std::int64_t integer(int column) const;
  // Views hold until the next step or reset.
  std::string_view text(int column) const;
  ByteView blob(int column) const;

 private:
  friend class Database;
  Statement(sqlite3_stmt* statement, sqlite3* database);
  Statement& bind_text(int index, std::string_view text, void (*keep)(void*));
  Statement& bind_blob(int index, ByteView blob, void (*keep)(void*));
  template <typename Value>
  void bind_any(int index, const Value& value) {
    if constexpr (std::is_same_v<Value, std::nullptr_t>) {
      bind_null(index);
    } else if constexpr (std::is_integral_v<Value> || std::is_enum_v<Value>) {
      bind(index, static_cast<std::int64_t>(value));
    } else if constexpr (std::is_convertible_v<Value, std::string_view>) {
      bind(index, std::string_view(value));
    } else {
      bind(index, ByteView(value));
    }
  }
  sqlite3_stmt* statement_;
  sqlite3* database_;
  int bind_error_ = 0;
};

class Database {
 public:
  static Result<Database> open(const std::filesystem::path& path, const SymmetricKey& key,
                               const OpenOptions& options = {});
  // An empty database in memory, to which read-only files are attached.
  static Result<Database> open_in_memory();
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  // Attaches the file at `path` as `schema`, with the rights of this database: to open_in_memory()
  // read-only. kStorageDamaged if the key does not open it.
  Status attach(const std::filesystem::path& path, const SymmetricKey& key,
                const std::string& schema, PageCipher cipher = PageCipher::kAuto);

  Status execute(std::string_view sql);  // one or more statements without parameters
  Result<Statement> prepare(std::string_view sql);
  // The integer in the first column of the first row; `fallback` if there is no row or it is null.
  Result<std::int64_t> integer(std::string_view sql, std::int64_t fallback = 0);

  std::int64_t changes() const;  // rows that the last statement changed
  // Rows changed since the connection was opened, those of triggers and virtual tables too.
  std::int64_t total_changes() const;
  std::int64_t last_insert_rowid() const;
  // Copies the WAL into the file and empties it, blocking writers meanwhile. While a reader needs
  // the WAL, copies what it can and does not wait: the next call continues.
  Status checkpoint();
  // The same, but waits for readers, and kBusy if the WAL still holds anything then: erased bytes
  // may lie in it.
  Status empty_wal();
  // Writes the whole file anew, with no byte of what was deleted: SQLite overwrites deleted bytes,
  // but moving a row between pages leaves a copy in an unused part of the old one. Needs memory for
  // the file's content. Not inside a transaction.
  Status rewrite();
  // Writes all that is committed now to a new file, under the same key. Others may go on writing
  // here meanwhile. kStorage if the file exists.
  Status copy_to(const std::filesystem::path& path);
  // Whether a commit that finds the WAL long copies it, as OpenOptions::checkpoints says at first.
  void copy_wal_on_commit(bool copies);
  Status copy_wal();      // copies what it can of the WAL into the file; blocks nobody
  void release_memory();  // frees unused cache pages
  // Called every `steps` virtual machine steps; returning true stops the statement with kStorage.
  void on_progress(int steps, std::function<bool()> should_stop);

 private:
  friend class RowFeed;
  friend class GuardedQuery;
  Database(sqlite3* handle, std::string name, int busy_ms);
  Status checkpoint(int mode);
  sqlite3* handle_;
  std::string name_;
  int busy_ms_;
  std::unique_ptr<std::function<bool()>> progress_;
};

// BEGIN IMMEDIATE … COMMIT; its destruction without commit() rolls back.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept : database_(other.database_) {
    other.database_ = nullptr;
  }
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Status commit();

 private:
  explicit Transaction(Database* database) : database_(database) {}
  Database* database_;
};

// From begin() to end() this connection sees one state of the file, whatever others commit;
// checkpoints copy nothing newer meanwhile. All statements must be reset before its destruction.
class ReadTransaction {
 public:
  static Result<ReadTransaction> begin(Database& database);
  ReadTransaction(ReadTransaction&& other) noexcept : database_(other.database_) {
    other.database_ = nullptr;
  }
  ReadTransaction& operator=(ReadTransaction&&) = delete;
  ~ReadTransaction() { end(); }
  void end();

 private:
  explicit ReadTransaction(Database* database) : database_(database) {}
  Database* database_;
};

// Runs the migrations that the file does not have yet, forward only, each in its own transaction;
// PRAGMA user_version holds the number of the last one. kStorageDamaged for a file that is newer
// than this program.
Status migrate(Database& database, std::span<const std::string_view> migrations);

// The name in double quotes, for column and table names that come from a definition.
std::string quote_identifier(std::string_view name);

}  // namespace rootlet
