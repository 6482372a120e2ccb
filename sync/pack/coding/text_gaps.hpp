// Texts with numbers in them (docs/FORMATS.md, "Column codes": counted): "3组90号" has the numbers
// 3 and 90 in the gaps of "▯组▯号". Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rootlet {

// The byte that stands for a gap. A text that contains it cannot be split.
inline constexpr char kGap = '\x01';

struct TextWithGaps {
  std::string text;                   // each number replaced by kGap
  std::vector<std::int64_t> numbers;  // one for each gap
};

// Each run of 1 to kMaxDigits digits without a leading zero becomes a gap; nullopt if `text`
// contains kGap.
std::optional<TextWithGaps> cut_numbers(std::string_view text);
std::size_t gaps_in(std::string_view text);

}  // namespace rootlet
