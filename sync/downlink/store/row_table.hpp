// The rows of one section of one stream, in the table that all streams of a dataset share. Writes
// rows by rid with prepared statements. Opens and ends no transaction.
//
// A row's id in the table combines its stream's slot and its rid, so the rows of a stream are
// adjacent and a whole stream is one range of ids.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/limits.hpp"
#include "storage/row_feed.hpp"
#include "sync/pack/table/table.hpp"

namespace rootlet {

// Identifies one loaded copy of a stream. A file never reuses a slot.
using Slot = std::int64_t;

inline constexpr std::int64_t row_id(Slot slot, Rid rid) {
  return (slot << 31) | static_cast<std::int64_t>(rid);
}
inline constexpr Slot slot_of(std::int64_t row_id) {
  return row_id >> 31;
}
inline constexpr Rid rid_of(std::int64_t row_id) {
  return static_cast<Rid>(row_id) & limits::kMaxRid;
}

// Binds `cell`, whose text must stay valid until the statement has run. kUntrusted if its type is
// not that of `column`.
Status bind_cell(Statement& statement, int index, const ColumnSpec& column, const CellView& cell);
// Result column `index` as a cell; its text is valid until the next step.
CellView stored_cell(const Statement& statement, int index, const ColumnSpec& column);

class RowTable {
 public:
  // `database` must outlive this; `schema` is one section of the table's layout; `key` names the
  // indexed columns.
  static Result<RowTable> open(Database& database, std::string_view table,
                               const SectionSchema& schema, std::span<const std::string> key,
                               Slot slot);

  // Inserts `count` of `rows` from `begin` on, with this section's columns. kUntrusted if a rid
  // exists.
  Status insert(const RowBlock& rows, std::size_t begin, std::size_t count);
  // Writes this section's columns of rows that another section inserted. kUntrusted if one is
  // missing.
  Status fill(const RowBlock& rows, std::size_t begin, std::size_t count);
  // Writes this section's columns; key columns only if they differ.
  Status change(const RowBlock& old_rows, const RowBlock& new_rows, std::size_t row);
  Status erase(Rid rid);

 private:
  // Writes some columns of an existing row.
  struct Update {
    std::vector<std::size_t> columns;
    Statement statement;
  };

  RowTable(Database& database, SectionSchema schema, Slot slot, RowFeed feed, Statement insert,
           Statement erase)
      : database_(&database),
        schema_(std::move(schema)),
        slot_(slot),
        feed_(std::move(feed)),
        insert_(std::move(insert)),
        erase_(std::move(erase)) {}
  Status prepare_updates(const std::string& table, std::span<const std::string> key);
  Result<Update> prepare_update(const std::string& table, std::vector<std::size_t> columns) const;
  Status write_columns(Update& update, const RowBlock& rows, std::size_t row);
  Status run_on_one(Statement& statement, Rid rid, std::string_view doing);

  Database* database_;
  SectionSchema schema_;
  Slot slot_;
  RowFeed feed_;  // of insert_
  Statement insert_, erase_;
  std::vector<std::size_t> key_;       // columns of this section
  std::optional<Update> update_all_;   // null: the section has no columns
  std::optional<Update> update_rest_;  // all but key columns, so that the index stays untouched
};

}  // namespace rootlet
