// The numbers that rows get when a stream begins: in an order that packs well, so that neighbours
// belong together. Later rows take freed numbers and count on from there.
#pragma once

#include "platform/change/difference.hpp"
#include "sync/pack/table/dataset.hpp"

namespace rootlet::platform {

// Numbers the inserts of `change`, which has nothing else, anew. Only columns of grade 1 decide: a
// number is seen by every office that holds the row, and must not tell what it may not see.
// kStorageDamaged if an image cannot be read.
Status number_first_rows(const DatasetDefinition& definition, Difference& change);

}  // namespace rootlet::platform
