// Content keys are a tree along the divisions (docs/FORMATS.md, "Content keys"): from the key of a
// division follow the keys of all divisions within it, and none outside. So the platform keeps one
// key for each dataset, grade and epoch, and a grant carries one for each of its divisions,
// whatever the number of streams there. Pure.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "core/ids.hpp"
#include "core/secret.hpp"

namespace rootlet {

// Opens the sections of one grade of every stream of a dataset within a division.
struct ContentKey {
  StreamName stream;  // dataset and division
  Grade grade = 1;
  std::uint32_t epoch = 1;
  SymmetricKey key;
};

// The key of `part` from the key of `division`, which must cover it.
SymmetricKey content_key_within(const SymmetricKey& key, std::string_view division,
                                std::string_view part);

// The key of a stream, from the narrowest division of `keys` that covers it; nullopt if none does.
std::optional<SymmetricKey> find_content_key(std::span<const ContentKey> keys,
                                             const StreamName& stream, Grade grade,
                                             std::uint32_t epoch);

}  // namespace rootlet
