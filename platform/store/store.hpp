// Where the platform's homes keep their tables: in an encrypted file of SQLite, or in a schema of
// PostgreSQL. Statements are written once, in the SQL that both understand: "ON CONFLICT" with its
// columns instead of "OR REPLACE", CASE, ranges instead of GLOB, no rowid, RETURNING instead of
// counts of changes, parameters "?" or "?1", columns of "DO UPDATE" with their table's name.
//
// Promises: a commit that returned is on disk; texts are ordered by their bytes. One Store per
// thread; statements and transactions belong to their Store, which must not move meanwhile. Which
// data lies in the clear in PostgreSQL: docs/adr/0023-two-engines-for-the-homes.md.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "platform/postgres/session.hpp"
#include "platform/store/postgres_statement.hpp"
#include "storage/database.hpp"

namespace rootlet::platform {

struct StorePlace {
  std::filesystem::path file;         // its name without ".db" also names the schema
  const SymmetricKey* key = nullptr;  // opens the file; seals what Store::seal() gets
  std::string database = {};          // "postgres://…"; empty: the file
};

class Statement {
 public:
  using Engine = std::variant<rootlet::Statement, PostgresStatement>;
  explicit Statement(Engine engine) : engine_(std::move(engine)) {}

  // Parameters count from 1. Text and blobs are copied.
  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, std::string_view text);
  Statement& bind(int index, ByteView blob);
  Statement& bind_null(int index);
  // Binds 1, 2, 3 … in order.
  template <typename... Values>
  Statement& bind_all(const Values&... values) {
    reset();
    int index = 0;
    (bind_any(++index, values), ...);
    return *this;
  }

  // Within a transaction of PostgreSQL the rows are on their way, so that the statements that were
  // started take one round trip together. Else does nothing.
  Status start();
  Result<bool> step();  // true: a row is there
  // Steps to the end and resets. Within a transaction of PostgreSQL an error may come later: with
  // the next row that is read, or the commit.
  Status run();
  Result<bool> any();  // runs it; whether there was a row
  // Runs it; the integer in the first column of its first row, 0 without one.
  Result<std::int64_t> number();
  void reset();  // ready for new parameters

  bool is_null(int column) const;
  std::int64_t integer(int column) const;  // 0 for a null
  // Views hold until the next step or reset; empty for a null.
  std::string_view text(int column) const;
  ByteView blob(int column) const;

 private:
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
  Engine engine_;
};

// Rows for one table, in the form of COPY.
class NewRows {
 public:
  // `columns` is a list with commas.
  NewRows(std::string_view table, std::string_view columns) : table_(table), columns_(columns) {}
  // The kinds of values are those of the first row.
  template <typename... Values>
  void add(const Values&... values) {
    begin_row(sizeof...(Values));
    (append_any(values), ...);
    ++rows_;
  }
  std::size_t size() const { return rows_; }
  void clear() {
    rows_ = 0;
    kinds_.clear();
    stream_.clear();
  }

 private:
  friend class Store;
  enum class Kind : char { kInteger, kText, kBytes };
  void begin_row(std::size_t width);
  void append(Kind kind, ByteView bytes);
  void append(std::int64_t number);
  template <typename Value>
  void append_any(const Value& value) {
    if constexpr (std::is_integral_v<Value> || std::is_enum_v<Value>) {
      append(static_cast<std::int64_t>(value));
    } else if constexpr (std::is_convertible_v<Value, std::string_view>) {
      append(Kind::kText, as_bytes(std::string_view(value)));
    } else {
      append(Kind::kBytes, ByteView(value));
    }
  }
  // Binds the row that `rest` begins with, and cuts it off.
  void bind_row(Statement& statement, ByteView& rest) const;
  std::string insertion() const;  // the statement for one row

  std::string table_, columns_;
  std::size_t rows_ = 0;
  std::vector<Kind> kinds_;
  Bytes stream_;
};

class Store {
 public:
  // Makes the file or the schema if it is missing, and runs the migrations that it lacks.
  static Result<Store> open(const StorePlace& place, std::span<const std::string_view> migrations);
  // The same with tables that are made already.
  static Result<Store> open_made(const StorePlace& place);
  static Result<Store> open_file(const std::filesystem::path& path, const SymmetricKey& key,
                                 std::span<const std::string_view> migrations,
                                 OpenOptions options = {.durability = Durability::kFull});
  static Result<Store> over(Database file, std::span<const std::string_view> migrations);

  // Whether other processes may work in the same tables at the same time without waiting for a
  // whole transaction: PostgreSQL.
  bool is_shared() const { return std::holds_alternative<SessionPointer>(engine_); }

  Status execute(std::string_view sql);  // one statement without parameters
  Result<Statement> prepare(std::string_view sql);
  // The integer in the first column of the first row; `fallback` if there is no row or it is null.
  Result<std::int64_t> integer(std::string_view sql, std::int64_t fallback = 0);
  // Inside the caller's transaction, in bulk. An error for a row that is there already.
  Status insert(const NewRows& rows);

  // A secret as it may lie in a column: sealed under the place's key in PostgreSQL, which is no
  // file of ours, and bound to `name`, so that no row can take another's place.
  Bytes seal(std::string_view name, const SymmetricKey& secret) const;
  Result<SymmetricKey> unseal(std::string_view name,
                              ByteView column) const;  // kUntrusted

  Database& file() { return std::get<Database>(engine_); }  // unless is_shared()

 private:
  friend class Transaction;
  using SessionPointer = std::unique_ptr<postgres::Session>;
  explicit Store(Database file) : engine_(std::move(file)) {}
  Store(SessionPointer session, const SymmetricKey* key) : engine_(std::move(session)) {
    if (key != nullptr) key_ = key->clone();
  }
  postgres::Session& session() { return *std::get<SessionPointer>(engine_); }
  std::string sealing_domain(std::string_view name) const;

  std::variant<Database, SessionPointer> engine_;
  std::optional<SymmetricKey> key_ = {};  // of PostgreSQL
};

// Its destruction without commit() rolls back.
class Transaction {
 public:
  // Alone: no other transaction of the store's tables runs meanwhile.
  static Result<Transaction> begin(Store& store);
  // In PostgreSQL beside others that were begun so and have none of the names. In a file: alone.
  static Result<Transaction> begin_beside(Store& store, std::vector<std::string> names = {});
  Status commit();

 private:
  using Engine = std::variant<rootlet::Transaction, postgres::SessionTransaction>;
  explicit Transaction(Engine engine) : engine_(std::move(engine)) {}
  Engine engine_;
};

// "INSERT INTO table(…) VALUES(…)" for the columns `keys` and then `others`, both as lists with
// commas, which replaces `others` in a row with the same keys. Without `others` it leaves that row.
std::string upsert(std::string_view table, std::string_view keys, std::string_view others = "");

}  // namespace rootlet::platform
