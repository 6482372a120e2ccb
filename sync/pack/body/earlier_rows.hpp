// New rows that resemble earlier new rows of the same section: a payment and the one of the month
// before (docs/FORMATS.md, "Section body"). A reader keeps the rows of the latest blocks, up to a
// bound that both ends know; a writer searches. One thread.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "sync/pack/table/table.hpp"

namespace rootlet {

// A row in a block.
struct RowPlace {
  const RowBlock* block = nullptr;
  std::size_t row = 0;
};

// The latest rows that a reader keeps, by their number among the section's new rows.
class KeptRows {
 public:
  // Takes a copy of a block whose first row has the number `first`; numbers ascend. Drops the
  // oldest blocks while the kept ones exceed pack_sizes().kept_bytes.
  void keep(std::uint64_t first, const RowBlock& rows);
  // nullopt if the row is not kept.
  std::optional<RowPlace> find(std::uint64_t number) const;

 private:
  struct Kept {
    std::uint64_t first = 0;
    std::size_t bytes = 0;
    RowBlock rows;
  };
  std::deque<Kept> blocks_;
  std::size_t bytes_ = 0;
};

// Which earlier row each row resembles: how many rows before it; 0: none.
using RowDistances = std::vector<std::uint32_t>;

// Looks for the earlier row that saves most bits. `block_begins`: the first row of each block,
// ascending from 0; only rows that a reader still keeps, or of the same block, are found. Empty if
// too little would be saved.
RowDistances find_earlier_rows(const RowBlock& rows, const std::vector<std::size_t>& block_begins);

}  // namespace rootlet
