// Texts with numbers in them: "3组90号" is the numbers 3 and 90 in the gaps of "▯组▯号". Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rootlet {

// The byte that stands for a gap. A text that holds it has no gaps.
inline constexpr char kGap = '\x01';

struct TextWithGaps {
  std::string text;                   // each number is one kGap
  std::vector<std::int64_t> numbers;  // as many as gaps
};

// Every run of digits without a leading zero and short enough is a gap; nullopt if `text` has kGap.
std::optional<TextWithGaps> cut_numbers(std::string_view text);
std::size_t gaps_in(std::string_view text);

}  // namespace rootlet
