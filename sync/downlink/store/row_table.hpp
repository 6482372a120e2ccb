// The rows of one section of one stream at a time, in the table that all streams of a dataset
// share. Writes rows by rid with prepared statements, which serve all streams. Opens and ends no
// transaction.
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
  // From now on the rows are those of `slot`.
  void move_to(Slot slot) { slot_ = slot; }

  // Each is one statement for many rows, so that what triggers write into a search index becomes
  // one segment of it. kUntrusted if the rows are not there, or are there already.

  // Inserts `count` of `rows` from `begin` on, with this section's columns.
  Status insert(const RowBlock& rows, std::size_t begin, std::size_t count);
  // Writes this section's columns of rows that another section inserted.
  Status fill(const RowBlock& rows, std::size_t begin, std::size_t count);
  // Writes this section's columns of all rows; key columns only of rows whose key differs.
  Status change(const RowBlock& old_rows, const RowBlock& new_rows);
  // Removes all of `rows`.
  Status erase(const RowBlock& rows);

 private:
  using Columns = std::vector<std::size_t>;  // of the schema
  using Rows = std::vector<std::size_t>;     // of a block

  RowTable(Database& database, std::string table, SectionSchema schema, Slot slot, RowFeed feed)
      : database_(&database),
        table_(std::move(table)),
        schema_(std::move(schema)),
        slot_(slot),
        feed_(std::move(feed)) {}
  Result<Statement*> prepared(std::optional<Statement>& statement, const std::string& sql);
  std::string insert_sql() const;
  std::string update_sql(const Columns& columns) const;
  std::string erase_sql() const;
  // Writes `columns` of existing rows by `statement`, which is prepared if it is null.
  Status update(std::optional<Statement>& statement, const Columns& columns, const RowBlock& block,
                std::span<const std::size_t> rows);
  // Feeds rows to `statement`, which must write each of them.
  Status feed(Statement& statement, const RowBlock& block, std::span<const std::size_t> rows,
              std::string_view doing);

  Database* database_;
  std::string table_;  // in quotes
  SectionSchema schema_;
  Slot slot_;
  Columns all_, rest_;  // all columns of the section; all but key columns
  Columns key_;         // the others
  RowFeed feed_;        // of the statements, each of which is prepared when it is first needed
  std::optional<Statement> insert_, erase_, update_all_;
  std::optional<Statement> update_rest_;  // leaves the index of the key alone
};

}  // namespace rootlet
