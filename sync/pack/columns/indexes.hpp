// Ascending numbers as gaps, as runs or as a coded column of gaps, whichever is shortest: row
// numbers, and positions in a block.
#pragma once

#include <span>
#include <vector>

#include "core/bytes.hpp"

namespace rootlet {

class ColumnEncoder;

// `next` is the smallest number that may come; afterwards it is one above the last that came, so
// that a list may go on in the next block. `freed` are ascending numbers that are known, and many
// of which the list may take up.
void encode_indexes(ByteWriter& out, std::span<const std::uint64_t> ascending, std::uint64_t& next,
                    ColumnEncoder& encoder, std::span<const std::uint64_t> freed = {});

// At most `max_count` numbers, none above `max`. kUntrusted otherwise.
Result<std::vector<std::uint64_t>> decode_indexes(ByteReader& in, std::uint64_t max_count,
                                                  std::uint64_t max, std::uint64_t& next,
                                                  std::span<const std::uint64_t> freed = {});

}  // namespace rootlet
