// A SQLite file of another program, for reading: plain pages, its schema not trusted, nothing ever
// written. One thread.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace rootlet {

class ForeignRows;

class ForeignDatabase {
 public:
  // kStorage if it does not open. A text of more than `cell_bytes` is an error of its row.
  static Result<ForeignDatabase> open(const std::filesystem::path& path, std::size_t cell_bytes);

  // The rows of one statement that reads; they outlive this. kUsage if SQLite does not take the
  // query or it is another one, kStorage if the file cannot be read.
  Result<ForeignRows> query(std::string_view sql);
  // From here on all queries see one state of the file.
  Status begin();

 private:
  explicit ForeignDatabase(std::shared_ptr<sqlite3> handle, std::string name)
      : handle_(std::move(handle)), name_(std::move(name)) {}
  std::shared_ptr<sqlite3> handle_;
  std::string name_;
};

class ForeignRows {
 public:
  std::vector<std::string> columns() const;
  Result<bool> step();  // false at the end
  // The value of `column` in the present row as text: null is empty, a real number has the shortest
  // digits that mean it. False for bytes. The view holds until the next step.
  bool read(std::size_t column, std::string_view& text);

 private:
  friend class ForeignDatabase;
  ForeignRows(std::shared_ptr<sqlite3> handle, std::shared_ptr<sqlite3_stmt> statement,
              std::string name);
  std::shared_ptr<sqlite3> handle_;  // outlives the statement
  std::shared_ptr<sqlite3_stmt> statement_;
  std::string name_;
  std::vector<std::string> numbers_;  // texts of numbers in the present row
  std::uint64_t row_ = 0;
};

}  // namespace rootlet
