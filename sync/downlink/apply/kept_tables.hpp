// What packs of one dataset need one after the other: prepared statements over its rows, and the
// triggers of its watches. A dataset is applied in hundreds of small packs, and preparing a
// statement takes longer than most of its runs.
//
// One thread. Everything stays right when a pack fails: statements are reset, its transaction is
// rolled back, and the next pack starts from what was committed.
#pragma once

#include <optional>
#include <vector>

#include "sync/downlink/store/dataset_store.hpp"
#include "sync/downlink/store/row_table.hpp"
#include "sync/downlink/store/row_watch.hpp"

namespace rootlet {

class KeptTables {
 public:
  // `store` must outlive this, open all the while: its table and layout are those of its opening.
  // `watches` are conditions over its layout.
  explicit KeptTables(DatasetStore& store, std::span<const RowWatch> watches = {});

  DatasetStore& store() { return *store_; }
  // The rows of one section of the layout, moved to `slot`.
  Result<RowTable*> section(std::size_t section, Slot slot);
  // The rows held against the watches; nothing watches them before its watch().
  WatchedTable& watched() { return watched_; }

 private:
  DatasetStore* store_;
  std::vector<std::optional<RowTable>> sections_;  // each opened when it is first needed
  WatchedTable watched_;
};

}  // namespace rootlet
