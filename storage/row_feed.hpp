// Rows in memory as a table for SQL: "INSERT INTO t SELECT * FROM feed" writes all of them in one
// statement, without the cost of binding and resetting for each, and "UPDATE t SET … FROM feed
// WHERE t.id=feed.c0" changes them. The table exists in one connection only, and in no file.
#pragma once

#include <memory>

#include "storage/database.hpp"

struct sqlite3_context;

namespace rootlet {

// Receives one cell. Texts and blobs are not copied: they must stay until the statement has run.
class FeedCell {
 public:
  explicit FeedCell(sqlite3_context* context) : context_(context) {}
  void set(std::nullptr_t);
  void set(std::int64_t number);
  void set(std::string_view text);
  void set(ByteView blob);

 private:
  sqlite3_context* context_;
};

class FeedSource {
 public:
  virtual ~FeedSource() = default;
  virtual std::size_t rows() const = 0;
  // Writes one cell. False ends the statement with an error; the source keeps the reason.
  virtual bool put(std::size_t row, std::size_t column, FeedCell cell) = 0;
};

struct FeedTable;

class RowFeed {
 public:
  // `database` must outlive this, and this all statements that name it.
  static Result<RowFeed> open(Database& database, std::size_t columns);
  RowFeed(RowFeed&&) noexcept;
  RowFeed& operator=(RowFeed&&) = delete;
  ~RowFeed();

  const std::string& name() const;  // for SQL; needs no quotes
  // Runs `statement`, which selects from this feed, over the rows of `source`.
  Status run(Statement& statement, FeedSource& source);

 private:
  explicit RowFeed(std::unique_ptr<FeedTable> table);
  std::unique_ptr<FeedTable> table_;
};

}  // namespace rootlet
