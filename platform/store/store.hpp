// Where the platform's homes keep their tables. Statements are written once, in the SQL that all
// engines understand: "ON CONFLICT" with its columns instead of "OR REPLACE", CASE, ranges instead
// of GLOB, no rowid, RETURNING instead of counts of changes, parameters "?" or "?1".
//
// Promises: a commit that returned is on disk; texts are ordered by their bytes. One Store per
// thread; statements and transactions belong to their Store, which must not move meanwhile.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "storage/database.hpp"

namespace rootlet::platform {

class Statement {
 public:
  explicit Statement(rootlet::Statement statement) : file_(std::move(statement)) {}

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

  Result<bool> step();  // true: a row is there
  Status run();         // steps to the end and resets
  Result<bool> any();   // runs it; whether there was a row
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
  rootlet::Statement file_;
};

class Store {
 public:
  // An encrypted file. Runs the migrations that it does not have yet.
  static Result<Store> open_file(const std::filesystem::path& path, const SymmetricKey& key,
                                 std::span<const std::string_view> migrations,
                                 OpenOptions options = {.durability = Durability::kFull});
  static Result<Store> over(Database file, std::span<const std::string_view> migrations);

  Status execute(std::string_view sql);  // one or more statements without parameters
  Result<Statement> prepare(std::string_view sql);
  // The integer in the first column of the first row; `fallback` if there is no row or it is null.
  Result<std::int64_t> integer(std::string_view sql, std::int64_t fallback = 0);

  Database& file() { return file_; }  // of open_file()

 private:
  explicit Store(Database file) : file_(std::move(file)) {}
  Database file_;
};

// Its destruction without commit() rolls back.
class Transaction {
 public:
  // Alone: waits for every other transaction of the store's tables that was begun so.
  static Result<Transaction> begin(Store& store);
  Status commit();

 private:
  explicit Transaction(rootlet::Transaction transaction) : file_(std::move(transaction)) {}
  rootlet::Transaction file_;
};

// "INSERT INTO table(…) VALUES(…)" for the columns `keys` and then `others`, both as lists with
// commas, which replaces `others` in a row with the same keys. Without `others` it leaves that row.
std::string upsert(std::string_view table, std::string_view keys, std::string_view others = "");

}  // namespace rootlet::platform
