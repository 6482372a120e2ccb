// SQL over FTS5 (sqlite.org/fts5.html). The table is contentless, so it costs no second copy of the
// texts, and keeps row ids only (detail=none). Deletes are tombstones (contentless_delete).
//
// A page of the index fills one page of the file: 4,096 bytes less nonce, tag and SQLite's own
// head. Merging is never part of a change: fold_search_index() does it afterwards.
#include "sync/downlink/store/search_index.hpp"

#include "core/format/json.hpp"
#include "core/search/search_terms.hpp"
#include "storage/row_values.hpp"
#include "sync/downlink/store/dataset_store.hpp"

namespace rootlet {
namespace {

constexpr int kIndexPageBytes = 3'900;
constexpr int kPendingBytes = 24 * 1024 * 1024;  // of one transaction's terms in memory
constexpr int kFoldPages = 256;                  // written in one step of folding

std::string quoted_table(std::int64_t generation) {
  return quote_identifier(search_table(generation));
}

std::string encode_columns(const std::vector<SearchedColumn>& columns) {
  json::array list;
  for (const SearchedColumn& column : columns) {
    list.push_back(json::object{{"key", column.key}, {"name", column.name}});
  }
  return canonical_json(list).value();  // texts and booleans only: cannot fail
}

Result<std::vector<SearchedColumn>> parse_columns(std::string_view text) {
  ROOTLET_TRY(const json::value value, parse_json(text, "searched columns"));
  std::vector<SearchedColumn> columns;
  if (!value.is_array()) return fail(ErrorCode::kStorageDamaged, "searched columns: no list");
  for (const json::value& one : value.get_array()) {
    ROOTLET_TRY(JsonObject object, JsonObject::from(one, "searched columns"));
    SearchedColumn column;
    ROOTLET_TRY(column.name, object.text("name"));
    ROOTLET_TRY(column.key, object.boolean("key"));
    columns.push_back(std::move(column));
  }
  return columns;
}

// The document of a row (core/search/search_terms.hpp), of columns named with `prefix`.
std::string document_sql(const std::vector<SearchedColumn>& columns, const std::string& prefix) {
  std::string sql = "concat(";
  for (const SearchedColumn& column : columns) {
    const char kind = column.key ? kKeyCell : kOtherCell;
    sql += std::string("'") + kind + "'," + prefix + quote_identifier(column.name) + ",char(31),";
  }
  sql.back() = ')';
  return sql;
}

std::string name_list(const std::vector<SearchedColumn>& columns, const std::string& prefix) {
  std::string sql;
  for (const SearchedColumn& column : columns) {
    sql += (sql.empty() ? "" : ",") + prefix + quote_identifier(column.name);
  }
  return sql;
}

// Rows of slots that readers see; those of a snapshot on its way are indexed by SlotIndexer.
constexpr std::string_view kIsVisible = "EXISTS(SELECT 1 FROM streams WHERE slot=new.row_id>>31)";

std::string trigger_sql(std::int64_t generation, const std::vector<SearchedColumn>& columns) {
  const std::string table = quoted_table(generation);
  const std::string rows = quote_identifier(generation_table(generation));
  const std::string name = search_table(generation);
  const std::string insert = "INSERT INTO " + table + "(rowid,text) VALUES(new.row_id," +
                             document_sql(columns, "new.") + ");";
  const std::string remove = "DELETE FROM " + table + " WHERE rowid=old.row_id;";
  return "CREATE TRIGGER " + name + "_insert AFTER INSERT ON " + rows + " WHEN " +
         std::string(kIsVisible) + " BEGIN " + insert + " END;" +  //
         "CREATE TRIGGER " + name + "_delete AFTER DELETE ON " + rows + " BEGIN " + remove +
         " END;" +  //
         "CREATE TRIGGER " + name + "_update AFTER UPDATE OF " + name_list(columns, "") + " ON " +
         rows + " WHEN (" + name_list(columns, "old.") + ") IS NOT (" + name_list(columns, "new.") +
         ") AND " + std::string(kIsVisible) + " BEGIN " + remove + insert + " END;";
}

std::string set_option(std::int64_t generation, std::string_view option, int value) {
  const std::string table = quoted_table(generation);
  return "INSERT INTO " + table + "(" + table + ",rank) VALUES('" + std::string(option) + "'," +
         std::to_string(value) + ");";
}

Status save_next(Database& database, std::int64_t generation, std::optional<std::int64_t> next) {
  ROOTLET_TRY(Statement save, database.prepare("UPDATE searched SET next=?2 WHERE generation=?1"));
  return next ? save.bind_all(generation, *next).run() : save.bind_all(generation, nullptr).run();
}

}  // namespace

std::string search_table(std::int64_t generation) {
  return "search_" + std::to_string(generation);
}

Result<std::optional<SearchState>> load_search_state(Database& database, std::int64_t generation) {
  ROOTLET_TRY(Statement select,
              database.prepare("SELECT columns, next FROM searched WHERE generation=?1"));
  ROOTLET_TRY(const bool found, select.bind_all(generation).step());
  if (!found) return std::optional<SearchState>();
  SearchState state;
  const Result<std::vector<SearchedColumn>> columns = parse_columns(select.text(0));
  if (columns.has_error()) return fail(ErrorCode::kStorageDamaged, columns.error().message);
  state.columns = columns.value();
  if (!select.is_null(1)) state.next = select.integer(1);
  return std::optional(std::move(state));
}

Status create_search_index(Database& database, std::int64_t generation,
                           const std::vector<SearchedColumn>& columns) {
  if (columns.empty()) return ok();
  ROOTLET_TRY(database.execute(
      "CREATE VIRTUAL TABLE " + quoted_table(generation) +
      " USING fts5(text,content='',contentless_delete=1,detail=none,tokenize='rootlet');" +
      set_option(generation, "pgsz", kIndexPageBytes) +
      set_option(generation, "hashsize", kPendingBytes) + set_option(generation, "automerge", 0) +
      trigger_sql(generation, columns)));
  ROOTLET_TRY(const std::int64_t rows,
              database.integer("SELECT EXISTS(SELECT 1 FROM " +
                               quote_identifier(generation_table(generation)) + ")"));
  ROOTLET_TRY(Statement note,
              database.prepare("INSERT INTO searched(generation, columns) VALUES(?1,?2)"));
  ROOTLET_TRY(note.bind_all(generation, encode_columns(columns)).run());
  return rows == 0 ? ok() : save_next(database, generation, 0);
}

Status drop_search_index(Database& database, std::int64_t generation) {
  const std::string name = search_table(generation);
  ROOTLET_TRY(database.execute("DROP TRIGGER IF EXISTS " + name +
                               "_insert; DROP TRIGGER IF EXISTS " + name +
                               "_delete; DROP TRIGGER IF EXISTS " + name +
                               "_update; DROP TABLE IF EXISTS " + quoted_table(generation)));
  ROOTLET_TRY(Statement forget, database.prepare("DELETE FROM searched WHERE generation=?1"));
  return forget.bind_all(generation).run();
}

Result<bool> index_visible_rows(Database& database, std::int64_t generation, std::size_t at_most) {
  ROOTLET_TRY(const std::optional<SearchState> state, load_search_state(database, generation));
  if (!state || !state->next) return true;
  const std::string rows = quote_identifier(generation_table(generation));
  ROOTLET_TRY(Statement bound,
              database.prepare("SELECT max(row_id), count(*) FROM (SELECT row_id FROM " + rows +
                               " WHERE row_id>=?1 ORDER BY row_id LIMIT ?2)"));
  ROOTLET_TRY(const bool any, bound.bind_all(*state->next, at_most).step());
  const bool is_done = !any || bound.integer(1) == 0;
  const std::int64_t last = is_done ? 0 : bound.integer(0);
  bound.reset();
  if (is_done) {
    ROOTLET_TRY(save_next(database, generation, std::nullopt));
    return true;
  }
  const std::string table = search_table(generation);
  ROOTLET_TRY(
      Statement insert,
      database.prepare("INSERT INTO " + quote_identifier(table) + "(rowid,text) SELECT row_id," +
                       document_sql(state->columns, "") + " FROM " + rows +
                       " WHERE row_id BETWEEN ?1 AND ?2 AND (row_id>>31) IN (SELECT slot "
                       "FROM streams) AND NOT EXISTS(SELECT 1 FROM " +
                       quote_identifier(table + "_docsize") + " WHERE id=row_id)"));
  ROOTLET_TRY(insert.bind_all(*state->next, last).run());
  ROOTLET_TRY(save_next(database, generation, last + 1));
  return false;
}

Result<bool> fold_search_index(Database& database, std::int64_t generation) {
  const std::int64_t before = database.total_changes();
  ROOTLET_TRY(database.execute(set_option(generation, "merge", kFoldPages)));
  return database.total_changes() - before < 2;  // as FTS5 documents for 'merge'
}

Result<std::optional<SlotIndexer>> SlotIndexer::open(Database& database, std::int64_t generation,
                                                     Slot slot) {
  ROOTLET_TRY(const std::optional<SearchState> state, load_search_state(database, generation));
  if (!state) return std::optional<SlotIndexer>();
  const std::string rows = quote_identifier(generation_table(generation));
  ROOTLET_TRY(Statement bound,
              database.prepare("SELECT max(row_id), count(*) FROM (SELECT row_id FROM " + rows +
                               " WHERE row_id BETWEEN ?1 AND ?2 ORDER BY row_id LIMIT ?3)"));
  ROOTLET_TRY(Statement insert,
              database.prepare("INSERT INTO " + quoted_table(generation) +
                               "(rowid,text) SELECT row_id," + document_sql(state->columns, "") +
                               " FROM " + rows + " WHERE row_id BETWEEN ?1 AND ?2"));
  return std::optional(SlotIndexer(slot, std::move(bound), std::move(insert)));
}

Result<std::size_t> SlotIndexer::step(std::size_t at_most) {
  ROOTLET_TRY(const bool any, bound_.bind_all(next_, last_, at_most).step());
  const std::size_t count = any ? static_cast<std::size_t>(bound_.integer(1)) : 0;
  const std::int64_t last = count > 0 ? bound_.integer(0) : 0;
  bound_.reset();
  if (count == 0) return count;
  ROOTLET_TRY(insert_.bind_all(next_, last).run());
  next_ = last + 1;
  return count;
}

}  // namespace rootlet
