// Statements over the columns of one section. An update writes all columns, changed or not: binding
// them costs less than preparing a statement for each set of changed columns, and SQLite writes the
// whole row anyway. Only the index justifies a second statement.
#include "sync/downlink/store/row_table.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace rootlet {
namespace {

std::string column_list(const SectionSchema& schema) {
  std::string sql;
  for (const ColumnSpec& column : schema.columns) sql += "," + quote_identifier(column.name);
  return sql;
}

std::string insert_sql(const std::string& table, const SectionSchema& schema,
                       const std::string& feed) {
  return "INSERT OR IGNORE INTO " + table + "(row_id" + column_list(schema) + ") SELECT * FROM " +
         feed;
}

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
  BlockSource(const SectionSchema& schema, Slot slot, const RowBlock& block, std::size_t begin,
              std::size_t count)
      : schema_(schema), slot_(slot), block_(block), begin_(begin), count_(count) {}

  std::size_t rows() const override { return count_; }
  bool put(std::size_t row, std::size_t column, FeedCell cell) override {
    if (column == 0) {
      cell.set(row_id(slot_, block_.rids[begin_ + row]));
      return true;
    }
    const ColumnSpec& spec = schema_.columns[column - 1];
    const CellView value = block_.columns[column - 1].at(begin_ + row);
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
  std::size_t begin_, count_;
  const ColumnSpec* misfit_ = nullptr;
};

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
  const std::string quoted = quote_identifier(table);
  ROOTLET_TRY(RowFeed feed, RowFeed::open(database, schema.columns.size() + 1));
  ROOTLET_TRY(Statement insert, database.prepare(insert_sql(quoted, schema, feed.name())));
  ROOTLET_TRY(Statement erase, database.prepare("DELETE FROM " + quoted + " WHERE row_id=?1"));
  RowTable opened(database, schema, slot, std::move(feed), std::move(insert), std::move(erase));
  ROOTLET_TRY(opened.prepare_updates(quoted, key));
  return opened;
}

Status RowTable::prepare_updates(const std::string& table, std::span<const std::string> key) {
  std::vector<std::size_t> all(schema_.columns.size()), rest;
  std::iota(all.begin(), all.end(), std::size_t{0});
  for (const std::size_t column : all) {
    const std::string& name = schema_.columns[column].name;
    const bool is_key = std::find(key.begin(), key.end(), name) != key.end();
    (is_key ? key_ : rest).push_back(column);
  }
  if (!rest.empty()) {
    ROOTLET_TRY(update_rest_, prepare_update(table, std::move(rest)));
  }
  if (!all.empty()) {
    ROOTLET_TRY(update_all_, prepare_update(table, std::move(all)));
  }
  return ok();
}

Result<RowTable::Update> RowTable::prepare_update(const std::string& table,
                                                  std::vector<std::size_t> columns) const {
  std::string sql = "UPDATE " + table + " SET ";
  for (std::size_t i = 0; i < columns.size(); ++i) {
    sql += (i == 0 ? "" : ",") + quote_identifier(schema_.columns[columns[i]].name) + "=?" +
           std::to_string(i + 2);
  }
  ROOTLET_TRY(Statement statement, database_->prepare(sql + " WHERE row_id=?1"));
  return Update{std::move(columns), std::move(statement)};
}

Status RowTable::insert(const RowBlock& rows, std::size_t begin, std::size_t count) {
  const Rid last = rows.rids[begin + count - 1];
  if (last > limits::kMaxRid) return row_error("insert", last);
  BlockSource source(schema_, slot_, rows, begin, count);
  const Status written = feed_.run(insert_, source);
  if (source.misfit() != nullptr) return misfit(*source.misfit());
  ROOTLET_TRY(written);
  const bool all = database_->changes() == static_cast<std::int64_t>(count);
  return all ? ok() : row_error("insert up to", last);
}

Status RowTable::fill(const RowBlock& rows, std::size_t begin, std::size_t count) {
  for (std::size_t row = begin; row < begin + count && update_all_.has_value(); ++row) {
    ROOTLET_TRY(write_columns(*update_all_, rows, row));
  }
  return ok();
}

Status RowTable::change(const RowBlock& old_rows, const RowBlock& new_rows, std::size_t row) {
  const bool same_key = std::all_of(key_.begin(), key_.end(), [&](std::size_t column) {
    return old_rows.columns[column].at(row) == new_rows.columns[column].at(row);
  });
  std::optional<Update>& update = same_key ? update_rest_ : update_all_;
  return update.has_value() ? write_columns(*update, new_rows, row) : ok();
}

Status RowTable::erase(Rid rid) {
  erase_.reset();
  return run_on_one(erase_, rid, "delete");
}

Status RowTable::write_columns(Update& update, const RowBlock& rows, std::size_t row) {
  Statement& statement = update.statement;
  statement.reset();
  for (std::size_t i = 0; i < update.columns.size(); ++i) {
    const std::size_t column = update.columns[i];
    ROOTLET_TRY(bind_cell(statement, static_cast<int>(i) + 2, schema_.columns[column],
                          rows.columns[column].at(row)));
  }
  return run_on_one(statement, rows.rids[row], "update");
}

Status RowTable::run_on_one(Statement& statement, Rid rid, std::string_view doing) {
  if (rid > limits::kMaxRid) return row_error(doing, rid);
  statement.bind(1, row_id(slot_, rid));
  ROOTLET_TRY(statement.run());
  return database_->changes() == 1 ? ok() : row_error(doing, rid);
}

}  // namespace rootlet
