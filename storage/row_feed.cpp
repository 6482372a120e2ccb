// An eponymous virtual table (sqlite.org/vtab.html, 2.1.2) that can only be scanned from end to
// end.
#include "storage/row_feed.hpp"

#include <sqlite3.h>

#include <atomic>

namespace rootlet {

struct FeedTable {
  sqlite3* database;
  std::string name;
  std::size_t columns;
  FeedSource* source = nullptr;
};

namespace {

struct View : sqlite3_vtab {
  FeedTable* table;
};

struct Cursor : sqlite3_vtab_cursor {
  FeedSource* source;
  std::size_t row;
};

int connect(sqlite3* database, void* context, int, const char* const*, sqlite3_vtab** out, char**) {
  auto* table = static_cast<FeedTable*>(context);
  std::string sql = "CREATE TABLE feed(";
  for (std::size_t i = 0; i < table->columns; ++i) sql += (i == 0 ? "c" : ",c") + std::to_string(i);
  const int code = sqlite3_declare_vtab(database, (sql + ")").c_str());
  if (code == SQLITE_OK) *out = new View{{}, table};
  return code;
}

int disconnect(sqlite3_vtab* view) {
  delete static_cast<View*>(view);
  return SQLITE_OK;
}

// A scan in a loop over a table would cost far more than that table's rows, looked up one by one.
int plan(sqlite3_vtab*, sqlite3_index_info* index) {
  constexpr int kRows = 10'000;
  index->estimatedRows = kRows;
  index->estimatedCost = 10.0 * kRows;
  return SQLITE_OK;
}

int open_cursor(sqlite3_vtab* view, sqlite3_vtab_cursor** out) {
  *out = new Cursor{{}, static_cast<View*>(view)->table->source, 0};
  return SQLITE_OK;
}

int close_cursor(sqlite3_vtab_cursor* cursor) {
  delete static_cast<Cursor*>(cursor);
  return SQLITE_OK;
}

int start(sqlite3_vtab_cursor* cursor, int, const char*, int, sqlite3_value**) {
  static_cast<Cursor*>(cursor)->row = 0;
  return SQLITE_OK;
}

int next(sqlite3_vtab_cursor* cursor) {
  ++static_cast<Cursor*>(cursor)->row;
  return SQLITE_OK;
}

int at_end(sqlite3_vtab_cursor* cursor) {
  const auto* at = static_cast<Cursor*>(cursor);
  return at->source == nullptr || at->row >= at->source->rows() ? 1 : 0;
}

int column(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int number) {
  const auto* at = static_cast<Cursor*>(cursor);
  const bool put = at->source->put(at->row, static_cast<std::size_t>(number), FeedCell(context));
  return put ? SQLITE_OK : SQLITE_ERROR;
}

int row_number(sqlite3_vtab_cursor* cursor, sqlite3_int64* out) {
  *out = static_cast<sqlite3_int64>(static_cast<Cursor*>(cursor)->row);
  return SQLITE_OK;
}

sqlite3_module make_module() {
  sqlite3_module module{};
  module.xConnect = connect;  // without xCreate: it exists without CREATE VIRTUAL TABLE
  module.xDisconnect = disconnect;
  module.xBestIndex = plan;
  module.xOpen = open_cursor;
  module.xClose = close_cursor;
  module.xFilter = start;
  module.xNext = next;
  module.xEof = at_end;
  module.xColumn = column;
  module.xRowid = row_number;
  return module;
}

const sqlite3_module kModule = make_module();

}  // namespace

void FeedCell::set(std::nullptr_t) {
  sqlite3_result_null(context_);
}

void FeedCell::set(std::int64_t number) {
  sqlite3_result_int64(context_, number);
}

void FeedCell::set(std::string_view text) {
  const char* data = text.data() != nullptr ? text.data() : "";
  sqlite3_result_text64(context_, data, text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void FeedCell::set(ByteView blob) {
  const void* data = blob.data() != nullptr ? static_cast<const void*>(blob.data()) : "";
  sqlite3_result_blob64(context_, data, blob.size(), SQLITE_STATIC);
}

RowFeed::RowFeed(std::unique_ptr<FeedTable> table) : table_(std::move(table)) {}

Result<RowFeed> RowFeed::open(Database& database, std::size_t columns) {
  static std::atomic<std::uint64_t> opened{0};
  auto table = std::make_unique<FeedTable>(
      FeedTable{database.handle_, "feed_" + std::to_string(++opened), columns});
  const int code = sqlite3_create_module_v2(table->database, table->name.c_str(), &kModule,
                                            table.get(), nullptr);
  if (code != SQLITE_OK)
    return fail(ErrorCode::kStorage, "feed: " + std::string(sqlite3_errstr(code)));
  return RowFeed(std::move(table));
}

RowFeed::RowFeed(RowFeed&&) noexcept = default;

RowFeed::~RowFeed() {
  if (table_ == nullptr) return;
  sqlite3_create_module_v2(table_->database, table_->name.c_str(), nullptr, nullptr, nullptr);
}

const std::string& RowFeed::name() const {
  return table_->name;
}

Status RowFeed::run(Statement& statement, FeedSource& source) {
  table_->source = &source;
  Status ran = statement.run();
  table_->source = nullptr;
  return ran;
}

}  // namespace rootlet
