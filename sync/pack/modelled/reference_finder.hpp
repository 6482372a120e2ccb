// For each new row the row of the base that tells most about it: the household's other members, the
// village whose code changed. Only the writer looks; the reader is told.
#pragma once

#include "sync/pack/modelled/row_coder.hpp"

namespace rootlet {

// One for each of `inserts`' rows. Errors are those of `base`.
Result<std::vector<ReferenceRow>> find_references(const RowBlock& inserts,
                                                  std::span<const Rid> deletes,
                                                  std::span<const ColumnStatistics> statistics,
                                                  BaseTable& base);

}  // namespace rootlet
