// Statements over the columns of one section, each for all rows of a block (storage/row_feed). An
// update writes all columns, changed or not: reading them costs less than preparing a statement for
// each set of changed columns, and SQLite writes the whole row anyway. Only the index of the key
// justifies a second statement.
//
// One statement for each row would cost most where the table has a search index: SQLite opens a
// savepoint for each statement that fires a trigger, and FTS5 then writes what it has.
#include "sync/downlink/store/row_table.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace rootlet {
namespace {

// Rows of one statement, which SQLite copies before it writes the first. Bounds that copy.
constexpr std::size_t kRowsOfStatement = 8'192;

Error row_error(std::string_view doing, Rid rid) {
  return fail(ErrorCode::kUntrusted,
              std::string(doing) + " row " + std::to_string(rid) + ": not as the pack says");
}

// Calls put() with nullptr, a number, text or bytes. False if the type of `cell` is not that of
// `column`.
template <typename Put>
bool put_cell(const ColumnSpec& column, const CellView& cell, Put put) {
  if (cell.kind == CellView::Kind::kNull) {
    put(nullptr);
    return true;
  }
  const bool is_integer = cell.kind == CellView::Kind::kInteger;
  if (is_integer != holds_integers(column.type)) return false;
  if (is_integer) {
    put(cell.integer);
  } else if (column.type == ColumnType::kBytes) {
    put(as_bytes(cell.text));
  } else {
    put(cell.text);
  }
  return true;
}

Error misfit(const ColumnSpec& column) {
  return fail(ErrorCode::kUntrusted, "column " + column.name + ": a cell of another type");
}

// Feeds rows of a block to SQL: row ids and cells.
class BlockSource final : public FeedSource {
 public:
  BlockSource(const SectionSchema& schema, Slot slot, const RowBlock& block,
              std::span<const std::size_t> rows)
      : schema_(schema), slot_(slot), block_(block), rows_(rows) {}

  std::size_t rows() const override { return rows_.size(); }
  bool put(std::size_t row, std::size_t column, FeedCell cell) override {
    if (column == 0) {
      cell.set(row_id(slot_, block_.rids[rows_[row]]));
      return true;
    }
    const ColumnSpec& spec = schema_.columns[column - 1];
    const CellView value = block_.columns[column - 1].at(rows_[row]);
    if (put_cell(spec, value, [&](auto stored) { cell.set(stored); })) return true;
    misfit_ = &spec;
    return false;
  }
  // The column whose cell has the wrong type; null: none.
  const ColumnSpec* misfit() const { return misfit_; }

 private:
  const SectionSchema& schema_;
  Slot slot_;
  const RowBlock& block_;
  std::span<const std::size_t> rows_;
  const ColumnSpec* misfit_ = nullptr;
};

std::vector<std::size_t> row_range(std::size_t begin, std::size_t count) {
  std::vector<std::size_t> rows(count);
  std::iota(rows.begin(), rows.end(), begin);
  return rows;
}

}  // namespace

Status bind_cell(Statement& statement, int index, const ColumnSpec& column, const CellView& cell) {
  const auto bind = [&](auto stored) {
    if constexpr (std::is_same_v<decltype(stored), std::nullptr_t>) {
      statement.bind_null(index);
    } else if constexpr (std::is_same_v<decltype(stored), std::int64_t>) {
      statement.bind(index, stored);
    } else {
      statement.bind_view(index, stored);
    }
  };
  return put_cell(column, cell, bind) ? ok() : misfit(column);
}

CellView stored_cell(const Statement& statement, int index, const ColumnSpec& column) {
  if (statement.is_null(index)) return {};
  if (holds_integers(column.type)) {
    return {.kind = CellView::Kind::kInteger, .integer = statement.integer(index)};
  }
  const bool bytes = column.type == ColumnType::kBytes;
  return {.kind = CellView::Kind::kText,
          .text = bytes ? as_text(statement.blob(index)) : statement.text(index)};
}

Result<RowTable> RowTable::open(Database& database, std::string_view table,
                                const SectionSchema& schema, std::span<const std::string> key,
                                Slot slot) {
  ROOTLET_TRY(RowFeed feed, RowFeed::open(database, schema.columns.size() + 1));
  RowTable opened(database, quote_identifier(table), schema, slot, std::move(feed));
  for (std::size_t column = 0; column < schema.columns.size(); ++column) {
    const bool is_key = std::find(key.begin(), key.end(), schema.columns[column].name) != key.end();
    opened.all_.push_back(column);
    (is_key ? opened.key_ : opened.rest_).push_back(column);
  }
  return opened;
}

Result<Statement*> RowTable::prepared(std::optional<Statement>& statement, const std::string& sql) {
  if (!statement.has_value()) {
    ROOTLET_TRY(statement, database_->prepare(sql));
  }
  return &*statement;
}

std::string RowTable::insert_sql() const {
  std::string columns = "row_id";
  for (const ColumnSpec& column : schema_.columns) columns += "," + quote_identifier(column.name);
  return "INSERT OR IGNORE INTO " + table_ + "(" + columns + ") SELECT * FROM " + feed_.name();
}

// SQLite reads the feed once, in order, and finds each row by its id.
std::string RowTable::update_sql(const Columns& columns) const {
  std::string sets;
  for (const std::size_t column : columns) {
    sets += (sets.empty() ? "" : ",") + quote_identifier(schema_.columns[column].name) + "=feed.c" +
            std::to_string(column + 1);
  }
  return "UPDATE " + table_ + " SET " + sets + " FROM " + feed_.name() + " AS feed WHERE " +
         table_ + ".row_id=feed.c0";
}

std::string RowTable::erase_sql() const {
  return "DELETE FROM " + table_ + " WHERE row_id IN (SELECT c0 FROM " + feed_.name() + ")";
}

Status RowTable::insert(const RowBlock& rows, std::size_t begin, std::size_t count) {
  ROOTLET_TRY(Statement * statement, prepared(insert_, insert_sql()));
  return feed(*statement, rows, row_range(begin, count), "insert");
}

Status RowTable::fill(const RowBlock& rows, std::size_t begin, std::size_t count) {
  return update(update_all_, all_, rows, row_range(begin, count));
}

Status RowTable::change(const RowBlock& old_rows, const RowBlock& new_rows) {
  Rows same_key, other_key;
  for (std::size_t row = 0; row < new_rows.rids.size(); ++row) {
    const bool same = std::all_of(key_.begin(), key_.end(), [&](std::size_t column) {
      return old_rows.columns[column].at(row) == new_rows.columns[column].at(row);
    });
    (same ? same_key : other_key).push_back(row);
  }
  ROOTLET_TRY(update(update_rest_, rest_, new_rows, same_key));
  return update(update_all_, all_, new_rows, other_key);
}

Status RowTable::erase(const RowBlock& rows) {
  ROOTLET_TRY(Statement * statement, prepared(erase_, erase_sql()));
  return feed(*statement, rows, row_range(0, rows.rids.size()), "delete");
}

Status RowTable::update(std::optional<Statement>& statement, const Columns& columns,
                        const RowBlock& block, std::span<const std::size_t> rows) {
  if (columns.empty()) return ok();
  while (!rows.empty()) {
    const std::size_t count = std::min(rows.size(), kRowsOfStatement);
    ROOTLET_TRY(Statement * update, prepared(statement, update_sql(columns)));
    ROOTLET_TRY(feed(*update, block, rows.first(count), "update"));
    rows = rows.subspan(count);
  }
  return ok();
}

Status RowTable::feed(Statement& statement, const RowBlock& block,
                      std::span<const std::size_t> rows, std::string_view doing) {
  if (rows.empty()) return ok();
  for (const std::size_t row : rows) {
    if (block.rids[row] > limits::kMaxRid) return row_error(doing, block.rids[row]);
  }
  BlockSource source(schema_, slot_, block, rows);
  const Status written = feed_.run(statement, source);
  if (source.misfit() != nullptr) return misfit(*source.misfit());
  ROOTLET_TRY(written);
  const bool all = database_->changes() == static_cast<std::int64_t>(rows.size());
  return all ? ok() : row_error(std::string(doing) + " up to", block.rids[rows.back()]);
}

}  // namespace rootlet
