// What a pack is made of, for `pack show`: bytes per section, column and code. It trusts nothing
// and proves nothing; without keys it tells what the header says. Column codes are taken apart
// without old rows; a modelled section needs them, and without them it tells its size only. It
// shows sizes and codes, never a value.
#pragma once

#include <optional>

#include "core/format/json_fwd.hpp"
#include "sync/pack/pack.hpp"

namespace rootlet {

struct SectionKey {
  SectionSchema schema;
  SymmetricKey content_key;
  BaseRows* base = nullptr;  // of the pack's version `from`, if at hand
};

// `file` is the whole pack. `keys` is empty, or has one entry per section, where nullopt leaves the
// section shut. kUntrusted if a section that has a key does not open or decode.
Result<json::value> explain_pack(ByteView file, std::span<const std::optional<SectionKey>> keys);

}  // namespace rootlet
