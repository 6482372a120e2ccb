// Rows of a statement. A driver says how long a cell is, and SQLGetData says when it goes on, so
// nothing is cut.
#include <algorithm>

#include "core/limits.hpp"
#include "core/unicode/visible_text.hpp"
#include "platform/source/databases/odbc/odbc_connection.hpp"
#include "platform/source/databases/odbc/odbc_text.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kFirstCellBytes = 4 * limits::kKiB;
// Places of cells in arrays of rows; a longer cell is read by itself.
constexpr std::size_t kRowsAtOnce = 64, kBoundTextBytes = 1 * limits::kKiB, kBoundNumberBytes = 64;
constexpr SQLSMALLINT kNameUnits = 512;  // of a column's name; databases allow 128 or fewer

bool is_binary(SQLSMALLINT type) {
  return type == SQL_BINARY || type == SQL_VARBINARY || type == SQL_LONGVARBINARY;
}

// Types whose text is ASCII. Whatever else there is may hold any character.
bool is_plain(SQLSMALLINT type) {
  constexpr SQLSMALLINT kPlain[] = {SQL_NUMERIC,        SQL_DECIMAL, SQL_INTEGER,   SQL_SMALLINT,
                                    SQL_FLOAT,          SQL_REAL,    SQL_DOUBLE,    SQL_BIGINT,
                                    SQL_TINYINT,        SQL_BIT,     SQL_TYPE_DATE, SQL_TYPE_TIME,
                                    SQL_TYPE_TIMESTAMP, SQL_GUID};
  return std::ranges::find(kPlain, type) != std::ranges::end(kPlain);
}

bool is_ascii(std::string_view text) {
  unsigned char all = 0;
  for (const char c : text) all |= static_cast<unsigned char>(c);
  return all < 0x80;
}

}  // namespace

Result<std::string> OdbcStatement::name_of_column(SQLUSMALLINT number) {
  SQLSMALLINT units = 0;
  std::string name;
  bool is_text = true;
  if (encoding_) {
    SQLCHAR text[kNameUnits] = "";
    SQLDescribeCol(handle_.get(), number, text, kNameUnits, &units, nullptr, nullptr, nullptr,
                   nullptr);
    name = reinterpret_cast<const char*>(text);
    is_text = decode_text(*encoding_, name);
  } else {
    SQLWCHAR text[kNameUnits] = {};
    SQLDescribeColW(handle_.get(), number, text, kNameUnits, &units, nullptr, nullptr, nullptr,
                    nullptr);
    is_text = append_utf16(name, reinterpret_cast<const char16_t*>(text));
  }
  if (is_text && units < kNameUnits) return name;
  return bad_input(name_ + ": the name of column " + std::to_string(number) + " cannot be read",
                   std::to_string(number));
}

Status OdbcStatement::describe() {
  SQLSMALLINT count = 0;
  SQLNumResultCols(handle_.get(), &count);
  for (SQLUSMALLINT number = 1; number <= count; ++number) {
    Column column;
    ROOTLET_TRY(column.name, name_of_column(number));
    SQLLEN type = 0;
    SQLColAttribute(handle_.get(), number, SQL_DESC_CONCISE_TYPE, nullptr, 0, nullptr, &type);
    column.type = static_cast<SQLSMALLINT>(type);
    char type_name[64] = "";
    SQLColAttribute(handle_.get(), number, SQL_DESC_TYPE_NAME, type_name, sizeof type_name, nullptr,
                    nullptr);
    column.is_moment = std::string_view(type_name) == "timestamptz";
    if (is_binary(column.type)) {
      const std::string shown = visible_text(column.name);
      return bad_input(name_ + ": column " + shown + " holds bytes", shown,
                       {.en = "Say in the query which text they mean, for example in hex.",
                        .zh = "请在查询中写明如何转为文本，例如十六进制。"});
    }
    columns_.push_back(std::move(column));
  }
  return ok();
}

// Drivers that can go back to one cell of many rows give arrays of rows, which saves a call for
// each cell; what is longer than its place is then read whole. Others give one cell at a time.
void OdbcStatement::bind() {
  SQLUINTEGER can = 0;
  constexpr SQLUINTEGER kNeeded =
      SQL_GD_ANY_COLUMN | SQL_GD_ANY_ORDER | SQL_GD_BLOCK | SQL_GD_BOUND;
  SQLGetInfo(connection_.get(), SQL_GETDATA_EXTENSIONS, &can, sizeof can, nullptr);
  if ((can & kNeeded) != kNeeded) return;
  fetched_->states.resize(kRowsAtOnce);
  SQLSetStmtAttr(handle_.get(), SQL_ATTR_ROW_ARRAY_SIZE, number_value(kRowsAtOnce), 0);
  SQLSetStmtAttr(handle_.get(), SQL_ATTR_ROW_STATUS_PTR, fetched_->states.data(), 0);
  SQLSetStmtAttr(handle_.get(), SQL_ATTR_ROWS_FETCHED_PTR, &fetched_->rows, 0);
  fetched_->cells.resize(columns_.size());
  fetched_->sizes.resize(columns_.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::size_t bytes = is_plain(columns_[i].type) ? kBoundNumberBytes : kBoundTextBytes;
    fetched_->cells[i].resize(kRowsAtOnce * bytes);
    fetched_->sizes[i].resize(kRowsAtOnce);
    SQLBindCol(handle_.get(), static_cast<SQLUSMALLINT>(i + 1),
               is_wide(i) ? SQL_C_WCHAR : SQL_C_CHAR, fetched_->cells[i].data(),
               static_cast<SQLLEN>(bytes), fetched_->sizes[i].data());
  }
  is_bound_ = true;
}

bool OdbcStatement::is_wide(std::size_t column) const {
  return !encoding_ && !is_plain(columns_[column].type);
}

Result<bool> OdbcStatement::fetch() {
  if (++fetched_->row >= fetched_->rows) {
    const bool is_first = fetched_->rows == 0;
    fetched_->row = 0;
    fetched_->rows = 1;
    const SQLRETURN done = SQLFetch(handle_.get());
    if (done == SQL_NO_DATA) return false;
    if (!SQL_SUCCEEDED(done)) return not_read(is_first && !encoding_);
  }
  if (is_bound_ && fetched_->states[fetched_->row] == SQL_ROW_ERROR) return not_read(false);
  return true;
}

Error OdbcStatement::not_read(bool may_lack_utf16) {
  Error error(ErrorCode::kUnreachable, odbc_refusal(SQL_HANDLE_STMT, handle_.get()).words, {},
              {.en = "Nothing was published.", .zh = "未发布任何内容。"});
  if (!may_lack_utf16) return error;
  error.hint = {.en =
                    "Nothing was published. If the driver gives no UTF-16, name its encoding: "
                    "odbc:DSN?encoding=utf-8&table=… or gb18030.",
                .zh =
                    "未发布任何内容。若驱动不支持 UTF-16，请在地址中指定编码："
                    "odbc:DSN?encoding=utf-8&table=… 或 gb18030。"};
  return error;
}

Result<bool> OdbcStatement::read(std::size_t column, std::string& text) {
  text.clear();
  if (!is_bound_) return read_in_pieces(column, text);
  const SQLLEN size = fetched_->sizes[column][fetched_->row];
  if (size == SQL_NULL_DATA) return true;
  const std::string& cells = fetched_->cells[column];
  const std::size_t place = cells.size() / kRowsAtOnce, end_bytes = is_wide(column) ? 2 : 1;
  const auto bytes = static_cast<std::size_t>(size);
  if (size >= 0 && bytes + end_bytes <= place) {
    return decode(column, {cells.data() + fetched_->row * place, bytes}, text);
  }
  if (!SQL_SUCCEEDED(
          SQLSetPos(handle_.get(), fetched_->row + 1, SQL_POSITION, SQL_LOCK_NO_CHANGE))) {
    return not_read(false);
  }
  return read_in_pieces(column, text);
}

Result<bool> OdbcStatement::read_in_pieces(std::size_t column, std::string& text) {
  const std::size_t end_bytes = is_wide(column) ? sizeof(SQLWCHAR) : 1;  // the driver writes an end
  if (bytes_.empty()) bytes_.resize(kFirstCellBytes);
  std::size_t held = 0;
  while (true) {
    SQLLEN left = 0;
    const std::size_t room = bytes_.size() - held;
    const SQLRETURN done = SQLGetData(handle_.get(), static_cast<SQLUSMALLINT>(column + 1),
                                      is_wide(column) ? SQL_C_WCHAR : SQL_C_CHAR,
                                      bytes_.data() + held, static_cast<SQLLEN>(room), &left);
    if (done == SQL_NO_DATA) break;  // the piece before was the last
    if (!SQL_SUCCEEDED(done)) return not_read(is_wide(column));
    if (left == SQL_NULL_DATA) return true;
    const bool goes_on = left == SQL_NO_TOTAL || static_cast<std::size_t>(left) + end_bytes > room;
    if (!goes_on) {
      held += static_cast<std::size_t>(left);
      break;
    }
    held += room - end_bytes - (room - end_bytes) % end_bytes;
    if (bytes_.size() > limits::kCsvRowBytes * end_bytes) {
      return bad_input("is longer than " + std::to_string(limits::kCsvRowBytes) + " bytes", "");
    }
    bytes_.resize(2 * bytes_.size());
  }
  return decode(column, std::string_view(bytes_).substr(0, held), text);
}

bool OdbcStatement::decode(std::size_t column, std::string_view bytes, std::string& text) const {
  if (is_wide(column)) {
    return append_utf16(text, {reinterpret_cast<const char16_t*>(bytes.data()), bytes.size() / 2});
  }
  text.assign(bytes);
  return is_ascii(text) || decode_text(encoding_.value_or(TextEncoding::kUtf8), text);
}

}  // namespace rootlet::platform
