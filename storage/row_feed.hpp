// Rows of the program as a table that SQL can select from: "INSERT INTO t SELECT * FROM feed"
// writes as many rows as there are and spends nothing on binding each and starting anew. Such a
// table is in no file and known to one connection.
#pragma once

#include <memory>

#include "storage/database.hpp"

struct sqlite3_context;

namespace rootlet {

// Where a cell goes. Texts and blobs are not copied: they must stay until the statement has run.
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
  // False ends the statement with an error; the source knows why.
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

  const std::string& name() const;  // a plain word
  // Runs `statement`, which selects from this feed, over the rows of `source`.
  Status run(Statement& statement, FeedSource& source);

 private:
  explicit RowFeed(std::unique_ptr<FeedTable> table);
  std::unique_ptr<FeedTable> table_;
};

}  // namespace rootlet
