// The row numbers of a stream's first version, in an order that compresses well because related
// rows are neighbours. Rows of later versions take free numbers.
#pragma once

#include "platform/change/difference.hpp"
#include "sync/pack/table/dataset.hpp"

namespace rootlet::platform {

// Renumbers the inserts of `change`, which must have no other changes. Only columns of grade 1
// decide the order: every office that holds a row sees its number, which must not leak a value of
// a higher grade. kStorageDamaged if an image cannot be read.
Status number_first_rows(const DatasetDefinition& definition, Difference& change);

}  // namespace rootlet::platform
