// Finds for each new row the row of the base that predicts it best: another member of the
// household, the village whose code changed. Only the writer searches; the reader gets the result.
#pragma once

#include "sync/pack/modelled/row_coder.hpp"

namespace rootlet {

// One for each row of `inserts`. Errors are those of `base`.
Result<std::vector<ReferenceRow>> find_references(const RowBlock& inserts,
                                                  std::span<const Rid> deletes,
                                                  std::span<const ColumnStatistics> statistics,
                                                  BaseTable& base);

}  // namespace rootlet
