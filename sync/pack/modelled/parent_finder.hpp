// For each new row the row of the base that tells most about it: the household's other members, the
// village whose code changed. Only the writer looks; the reader is told.
#pragma once

#include "sync/pack/modelled/row_coder.hpp"

namespace rootlet {

// One for each of `inserts`' rows. Errors are those of `base`.
Result<std::vector<Parent>> find_parents(const RowBlock& inserts, std::span<const Rid> deletes,
                                         std::span<const ColumnProfile> profiles, BaseTable& base);

}  // namespace rootlet
