// A connection to a data source of odbc.ini through unixODBC, and the answer to one query over it.
// Reads in one transaction that is never committed; write() is another transaction.
//
// Refuses what could lose something in silence: a text is read in pieces until the driver says that
// it is whole, and every conversion is strict. One thread at a time. Errors hold the driver's
// words, without the details in which it may quote values.
#pragma once

#include <sql.h>
#include <sqlext.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/encoding/encoding.hpp"
#include "core/result.hpp"

namespace rootlet::platform {

// What a driver gives where we do not ask for UTF-16; kUtf8 or kGb18030.
using DriverEncoding = std::optional<TextEncoding>;

inline SQLPOINTER number_value(std::uintptr_t value) {
  return reinterpret_cast<SQLPOINTER>(value);  // so ODBC passes numbers
}

struct OdbcRefusal {
  std::string state;  // five characters
  std::string words;  // the driver's, safe to show
};
OdbcRefusal odbc_refusal(SQLSMALLINT type, SQLHANDLE handle);

class OdbcStatement {
 public:
  struct Column {
    std::string name;
    SQLSMALLINT type = 0;    // SQL_VARCHAR, SQL_DECIMAL …
    bool is_moment = false;  // a time with an offset, which the driver gives in UTC
  };
  const std::vector<Column>& columns() const { return columns_; }
  // The next row; false at the end. kUnreachable if the answer broke off.
  Result<bool> fetch();
  // The text of a column of the row as UTF-8, null as ""; once for each column, ascending. False:
  // it holds bytes that are no text. kBadInput if it is longer than a row may be.
  Result<bool> read(std::size_t column, std::string& text);

 private:
  friend class OdbcConnection;
  struct Close {
    void operator()(void* handle) const { SQLFreeHandle(SQL_HANDLE_STMT, handle); }
  };
  // Rows that came together, where the driver writes them.
  struct Fetched {
    std::vector<std::string> cells;          // by column: those of all rows, one behind the other
    std::vector<std::vector<SQLLEN>> sizes;  // by column and row
    std::vector<SQLUSMALLINT> states;        // by row
    SQLULEN rows = 0;
    SQLULEN row = 0;  // the present one
  };
  Status describe();
  void bind();
  bool is_wide(std::size_t column) const;  // asked for as UTF-16
  Result<bool> read_in_pieces(std::size_t column, std::string& text);
  bool decode(std::size_t column, std::string_view bytes, std::string& text) const;
  Error not_read(bool may_lack_utf16);
  Result<std::string> name_of_column(SQLUSMALLINT number);

  std::shared_ptr<void> connection_;  // outlives the handle
  std::unique_ptr<Fetched> fetched_ =
      std::make_unique<Fetched>();  // outlives the handle, at one address
  std::unique_ptr<void, Close> handle_;
  bool is_bound_ = false;  // cells lie in `fetched_`
  std::string name_;       // of the source, for errors
  DriverEncoding encoding_;
  std::vector<Column> columns_;
  std::string bytes_;  // of the cell being read
};

class OdbcConnection {
 public:
  // `source` is the name of a data source in odbc.ini; kUsage for anything else. kUnreachable if
  // the driver or the server does not let us in.
  static Result<OdbcConnection> open(const std::string& source, DriverEncoding encoding);

  const std::string& name() const { return name_; }  // "ODBC people"
  // kUsage if the server does not take the statement, kUnreachable if it is gone.
  Result<OdbcStatement> query(const std::string& sql);
  // Ends the reading transaction, so that nothing waits for it.
  void stop_reading();
  // Runs statements in one transaction of their own.
  Status write(const std::vector<std::string>& statements);

 private:
  OdbcConnection() = default;
  Status begin();
  void prefer_streaming();
  Status execute(SQLHSTMT handle, const std::string& sql);

  std::shared_ptr<void> handle_;
  std::string name_;
  DriverEncoding encoding_;
};

}  // namespace rootlet::platform
