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

// While it exists, each row that the connection inserts, updates or deletes in `table` is held
// against the watches. Begin and end it inside one transaction. No watches: does nothing.
class WatchedTable {
 public:
  static Result<WatchedTable> begin(Database& database, const std::string& table,
                                    const StoreLayout& layout, std::span<const RowWatch> watches);
  // Forgets hits that cancel out. Without end() the transaction must be rolled back.
  Status end();

 private:
  WatchedTable(Database& database, std::size_t watches) : database_(&database), watches_(watches) {}
  Database* database_;
  std::size_t watches_;
};

// The same for a stream whose rows are replaced as a whole: compares the two slots by key.
Status watch_replacement(Database& database, const std::string& table, const StoreLayout& layout,
                         Slot old_slot, Slot new_slot, std::span<const RowWatch> watches);

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

// Hits since somebody last looked; at most `limit` of a watch, in the order of kinds and keys.
Result<std::vector<WatchCount>> count_hits(Database& database);
Result<std::vector<WatchHit>> load_hits(Database& database, std::string_view watch,
                                        std::size_t limit);
// Somebody has looked: forgets the hits of `watch`.
Status forget_hits(Database& database, std::string_view watch);
// Forgets the hits of all watches but these.
Status keep_hits_of(Database& database, std::span<const RowWatch> watches);

}  // namespace rootlet
