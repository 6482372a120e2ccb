// A saved condition over the rows of a dataset, and what changes bring to it: rows that begin to
// match, rows that match and changed, rows that no longer match. The hits are written in the
// transaction that changes the rows, at a cost that grows with the change only, into the dataset's
// own file: they are encrypted under its key and are erased with it.
//
// A hit keeps whether its row matched when somebody last looked (`before`) and whether it matches
// now (`after`), so any number of versions become one answer. A first copy brings no hits.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "sync/downlink/store/row_table.hpp"
#include "sync/downlink/store/store_layout.hpp"

namespace rootlet {

struct RowWatch {
  std::string id;  // never used again for another condition
  // The condition as SQL without parameters, over the columns of the row named `row`: "new",
  // "old" or an alias. It may use the stored columns of one layout.
  std::function<std::string(std::string_view row)> condition;
};

// The text as an SQL literal. Text from outside has no byte 0 (the parser of cells refuses it).
std::string sql_literal(std::string_view text);

// From watch() on, each row of a visible stream that the connection inserts, updates or deletes in
// `table` is held against the watches, over any number of transactions: what is rolled back leaves
// no hit. Rows of a slot that no reader sees bring none. The triggers live in the connection and
// never in the file, so a crash leaves none behind. They are made once because SQLite prepares all
// statements of a connection again after each change of its schema.
class WatchedTable {
 public:
  // `database` must outlive this. Without watches, or without a key to name rows by, it does
  // nothing.
  WatchedTable(Database& database, std::string table, StoreLayout layout,
               std::span<const RowWatch> watches);
  ~WatchedTable();
  WatchedTable(const WatchedTable&) = delete;
  WatchedTable& operator=(const WatchedTable&) = delete;

  // Outside a transaction, whose rollback would take the triggers along. A second call does
  // nothing.
  Status watch();
  Status stop();
  // For a stream whose rows are replaced as a whole: compares two slots by key, inside the
  // transaction that makes `new_slot` visible. Needs no watch().
  Status compare(Slot old_slot, Slot new_slot);

 private:
  struct SlotRows {
    std::string name;  // in SQL
    Slot slot;
  };
  std::string triggers(std::size_t group) const;
  static std::string range_of(const SlotRows& rows);
  std::string note_all(const RowWatch& watch, const SlotRows& from, const SlotRows& other,
                       const std::string& cells, const std::string& when) const;

  Database* database_;
  std::string table_;
  StoreLayout layout_;
  std::vector<RowWatch> watches_;
  bool is_watching_ = false;
};

enum class HitKind { kNew, kChanged, kVanished };
std::string_view name_of(HitKind kind);  // "new", "changed", "vanished"

struct WatchHit {
  HitKind kind = HitKind::kNew;
  std::string key;  // the key columns as a JSON array
};

struct WatchCount {
  std::string watch;
  std::int64_t found = 0, changed = 0, vanished = 0;
};

// Hits since somebody last looked; at most `limit` of a watch, in the order of kinds and keys. A
// row that came and went again meanwhile is none.
Result<std::vector<WatchCount>> count_hits(Database& database);
Result<std::vector<WatchHit>> load_hits(Database& database, std::string_view watch,
                                        std::size_t limit);
// Somebody has looked: forgets the hits of `watch`.
Status forget_hits(Database& database, std::string_view watch);
// Forgets the hits of all watches but these, and the keys of rows that came and went again.
Status keep_hits_of(Database& database, std::span<const RowWatch> watches);

}  // namespace rootlet
