// The full-text index of a generation's rows (docs/FORMATS.md, "Search index"): one FTS5 table
// whose row ids are those of the rows. Triggers keep it in the transaction that changes visible
// rows; the rows of a snapshot are indexed under its slot before the slot becomes visible. It holds
// terms and no texts, so a match is decided by the rows themselves.
//
// What is deleted leaves the index at once for readers; its terms are overwritten when segments are
// folded together, which clean() does in bounded steps.
#pragma once

#include <optional>
#include <string>

#include "sync/downlink/store/row_table.hpp"
#include "sync/downlink/store/store_layout.hpp"

namespace rootlet {

// What is known of the index of one generation.
struct SearchState {
  std::vector<SearchedColumn> columns = {};
  // Rows from this id on are not in it yet; null: all visible rows are.
  std::optional<std::int64_t> next = {};
};

std::string search_table(std::int64_t generation);

// Null if the generation has no index.
Result<std::optional<SearchState>> load_search_state(Database& database, std::int64_t generation);

// Inside the caller's transaction. Without columns there is no index. Visible rows that are there
// already are not in it until index_visible_rows() has found no more.
Status create_search_index(Database& database, std::int64_t generation,
                           const std::vector<SearchedColumn>& columns);
Status drop_search_index(Database& database, std::int64_t generation);

// Indexes at most `at_most` visible rows of an index that is not complete. True if it is now.
// Inside the caller's transaction.
Result<bool> index_visible_rows(Database& database, std::int64_t generation, std::size_t at_most);

// One bounded step of folding segments together. True if nothing is left to fold.
Result<bool> fold_search_index(Database& database, std::int64_t generation);

// Indexes the rows of a slot that no reader sees yet.
class SlotIndexer {
 public:
  // Null if the generation has no index.
  static Result<std::optional<SlotIndexer>> open(Database& database, std::int64_t generation,
                                                 Slot slot);
  // Indexes the next rows, at most `at_most`; how many. 0: all are in the index.
  Result<std::size_t> step(std::size_t at_most);

 private:
  SlotIndexer(Slot slot, Statement bound, Statement insert)
      : next_(row_id(slot, 0)),
        last_(row_id(slot, limits::kMaxRid)),
        bound_(std::move(bound)),
        insert_(std::move(insert)) {}
  std::int64_t next_, last_;
  Statement bound_, insert_;
};

}  // namespace rootlet
