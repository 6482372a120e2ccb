// Lists of ascending numbers (row numbers, positions in a block) as gaps, as runs or as a coded
// column of gaps, whichever is shortest (docs/FORMATS.md, "Section body").
#pragma once

#include <span>
#include <vector>

#include "core/bytes.hpp"

namespace rootlet {

class ColumnEncoder;

// Appends the list. `next` is the smallest number that may come and is set to the last one plus 1,
// so that a list may continue in the next block. `freed` are ascending numbers that both ends know
// and the list may contain.
void encode_indexes(ByteWriter& out, std::span<const std::uint64_t> ascending, std::uint64_t& next,
                    ColumnEncoder& encoder, std::span<const std::uint64_t> freed = {});

// Decodes at most `max_count` distinct ascending numbers up to `max`; kUntrusted otherwise. `next`
// and `freed` as above.
Result<std::vector<std::uint64_t>> decode_indexes(ByteReader& in, std::uint64_t max_count,
                                                  std::uint64_t max, std::uint64_t& next,
                                                  std::span<const std::uint64_t> freed = {});

}  // namespace rootlet
