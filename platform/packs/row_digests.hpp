// The digests of all rows of a partition, under any keys (docs/FORMATS.md, "Digest").
#pragma once

#include <span>
#include <vector>

#include "platform/packs/partition_image.hpp"

namespace rootlet::platform {

// By section; `content_keys` has one for each. kStorageDamaged if an image cannot be read.
Result<std::vector<SectionDigest>> digests_of(const SectionLayout& layout,
                                              const PartitionImage& rows,
                                              std::span<const SymmetricKey> content_keys);

}  // namespace rootlet::platform
