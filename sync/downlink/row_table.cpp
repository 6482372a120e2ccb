// Statements over one section's columns. Updates are prepared once for each set of columns that
// changes together, because most changes of a table touch the same few columns.
#include "sync/downlink/row_table.hpp"

#include <utility>

namespace rootlet {
namespace {

constexpr std::size_t kPreparedUpdates = 64;  // some hundred kilobytes at most

std::string column_list(const SectionSchema& schema) {
  std::string sql;
  for (const ColumnSpec& column : schema.columns) sql += "," + quote_identifier(column.name);
  return sql;
}

std::string insert_sql(const std::string& table, const SectionSchema& schema) {
  std::string sql =
      "INSERT OR IGNORE INTO " + table + "(row_id" + column_list(schema) + ") VALUES(?1";
  for (std::size_t i = 0; i < schema.columns.size(); ++i) sql += ",?" + std::to_string(i + 2);
  return sql + ")";
}

Error row_error(std::string_view doing, Rid rid) {
  return fail(ErrorCode::kUntrusted,
              std::string(doing) + " row " + std::to_string(rid) + ": not as the pack says");
}

}  // namespace

Status bind_cell(Statement& statement, int index, const ColumnSpec& column, const CellView& cell) {
  const bool integers = holds_integers(column.type);
  switch (cell.kind) {
    case CellView::Kind::kNull:
      statement.bind_null(index);
      return ok();
    case CellView::Kind::kInteger:
      if (!integers) break;
      statement.bind(index, cell.integer);
      return ok();
    case CellView::Kind::kText:
      if (integers) break;
      if (column.type == ColumnType::kBytes) {
        statement.bind_view(index, as_bytes(cell.text));
      } else {
        statement.bind_view(index, cell.text);
      }
      return ok();
  }
  return fail(ErrorCode::kUntrusted, "column " + column.name + ": a cell of another type");
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

RowTable::RowTable(Database& database, std::string table, SectionSchema schema, Slot slot,
                   Statement insert, Statement erase)
    : database_(&database),
      table_(std::move(table)),
      schema_(std::move(schema)),
      slot_(slot),
      insert_(std::move(insert)),
      erase_(std::move(erase)) {}

Result<RowTable> RowTable::open(Database& database, std::string_view table,
                                const SectionSchema& schema, Slot slot) {
  const std::string quoted = quote_identifier(table);
  ROOTLET_TRY(Statement insert, database.prepare(insert_sql(quoted, schema)));
  ROOTLET_TRY(Statement erase, database.prepare("DELETE FROM " + quoted + " WHERE row_id=?1"));
  return RowTable(database, quoted, schema, slot, std::move(insert), std::move(erase));
}

Status RowTable::fetch(std::span<const Rid> rids) {
  ROOTLET_TRY(Statement find, database_->prepare("SELECT 1 FROM " + table_ + " WHERE row_id=?1"));
  for (const Rid rid : rids) {
    find.bind_all(row_id(slot_, rid));
    ROOTLET_TRY(const bool there, find.step());
    static_cast<void>(there);
    find.reset();
  }
  return ok();
}

Status RowTable::insert(const RowBlock& rows, std::size_t row) {
  insert_.reset();
  for (std::size_t i = 0; i < schema_.columns.size(); ++i) {
    ROOTLET_TRY(
        bind_cell(insert_, static_cast<int>(i) + 2, schema_.columns[i], rows.columns[i].at(row)));
  }
  return run_on_one(insert_, rows.rids[row], "insert");
}

Status RowTable::fill(const RowBlock& rows, std::size_t row) {
  ColumnSet all(schema_.columns.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  return write_columns(all, rows, row);
}

Status RowTable::change(const RowBlock& old_rows, const RowBlock& new_rows, std::size_t row) {
  ColumnSet differing;
  for (std::size_t i = 0; i < schema_.columns.size(); ++i) {
    if (old_rows.columns[i].at(row) != new_rows.columns[i].at(row)) differing.push_back(i);
  }
  return differing.empty() ? ok() : write_columns(differing, new_rows, row);
}

Status RowTable::erase(Rid rid) {
  erase_.reset();
  return run_on_one(erase_, rid, "delete");
}

Result<Statement*> RowTable::update_of(const ColumnSet& columns) {
  if (const auto known = updates_.find(columns); known != updates_.end()) return &known->second;
  if (updates_.size() >= kPreparedUpdates) updates_.clear();
  std::string sql = "UPDATE " + table_ + " SET ";
  for (std::size_t i = 0; i < columns.size(); ++i) {
    sql += (i == 0 ? "" : ",") + quote_identifier(schema_.columns[columns[i]].name) + "=?" +
           std::to_string(i + 2);
  }
  ROOTLET_TRY(Statement statement, database_->prepare(sql + " WHERE row_id=?1"));
  return &updates_.emplace(columns, std::move(statement)).first->second;
}

Status RowTable::write_columns(const ColumnSet& columns, const RowBlock& rows, std::size_t row) {
  if (columns.empty()) return ok();
  ROOTLET_TRY(Statement * update, update_of(columns));
  update->reset();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::size_t column = columns[i];
    ROOTLET_TRY(bind_cell(*update, static_cast<int>(i) + 2, schema_.columns[column],
                          rows.columns[column].at(row)));
  }
  return run_on_one(*update, rows.rids[row], "update");
}

Status RowTable::run_on_one(Statement& statement, Rid rid, std::string_view doing) {
  if (rid > limits::kMaxRid) return row_error(doing, rid);
  statement.bind(1, row_id(slot_, rid));
  ROOTLET_TRY(statement.run());
  return database_->changes() == 1 ? ok() : row_error(doing, rid);
}

}  // namespace rootlet
