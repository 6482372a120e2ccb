// SQLite with encrypted pages (SQLite3 Multiple Ciphers), and nothing of SQLite's own names. The
// only way from this program to a database file. One Database per thread; statements belong to one.
//
// Promises: every file is encrypted with the key given; a commit under Durability::kFull is on disk
// before it returns; WAL files stay bounded. Errors: kStorage, kStorageFull, kStorageDamaged (wrong
// key, broken page), kBusy. Pages: docs/ARCHITECTURE.md, "What is remembered".
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
  // Whether a commit that finds the WAL long copies it into the file by itself; else someone calls
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
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  Status execute(std::string_view sql);  // one or more statements without parameters
  Result<Statement> prepare(std::string_view sql);
  // The single integer that `sql` gives; `fallback` if it gives no row or null.
  Result<std::int64_t> integer(std::string_view sql, std::int64_t fallback = 0);

  std::int64_t changes() const;  // rows that the last statement changed
  std::int64_t last_insert_rowid() const;
  Status checkpoint();    // copies the WAL into the file and empties it; holds up writers meanwhile
  Status copy_wal();      // copies what it can of the WAL into the file and holds up nobody
  void release_memory();  // gives unused cache pages back
  // Called every `steps` virtual machine steps; returning true stops the statement with kStorage.
  void on_progress(int steps, std::function<bool()> should_stop);

 private:
  friend class RowFeed;
  Database(sqlite3* handle, std::string name);
  Status checkpoint(int mode);
  sqlite3* handle_;
  std::string name_;
  std::unique_ptr<std::function<bool()>> progress_;
};

// BEGIN IMMEDIATE … COMMIT; rolls back if it goes without commit().
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

// What this connection sees stands still from begin() on, whatever others commit; a checkpoint goes
// no further than it meanwhile. Every statement must have been reset when it goes.
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

// Numbered SQL, forward only, each in its own transaction; user_version remembers the last one. A
// file that is newer than this program is refused with kStorageDamaged.
Status migrate(Database& database, std::span<const std::string_view> migrations);

// "name" in double quotes, for column and table names that come from a definition.
std::string quote_identifier(std::string_view name);

}  // namespace rootlet
