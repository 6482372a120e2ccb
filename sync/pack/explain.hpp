// What a pack consists of, for `pack show`: bytes per section, column and code; never a value.
// Verifies no signature. Without keys it shows the header only. Column codes can be shown without
// old rows; a modelled section needs them, and without them only its coding is shown.
#pragma once

#include <optional>

#include "core/format/json_fwd.hpp"
#include "sync/pack/pack.hpp"

namespace rootlet {

struct SectionKey {
  SectionSchema schema;
  SymmetricKey content_key;
  BaseRows* base = nullptr;  // at version `from`; null if not available
};

// `file` is the whole pack. `keys` is empty, or has one entry for each section, nullopt for a
// section that stays closed. kUntrusted if a section with a key does not open or decode. The JSON
// is the contract of `pack show --json`.
Result<json::value> explain_pack(ByteView file, std::span<const std::optional<SectionKey>> keys);

}  // namespace rootlet
