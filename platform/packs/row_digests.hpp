// The digests of all rows of a partition, under any keys (docs/FORMATS.md, "Digest").
#pragma once

#include <span>
#include <vector>

#include "platform/packs/publisher_packs.hpp"

namespace rootlet::platform {

struct DigestedRows {
  std::uint64_t rows = 0;
  std::vector<SectionDigest> digests;  // by section
};

// `content_keys` has one for each section. kStorageDamaged if an image cannot be read.
Result<DigestedRows> digest_rows(const SectionLayout& layout, const HeldRows& rows,
                                 std::span<const SymmetricKey> content_keys);

}  // namespace rootlet::platform
