// A text in the form in which search compares: folded (core/unicode/fold.hpp), with simplified
// Chinese characters, without middle dots, and without blanks or a full stop between Chinese
// characters, so that 王　明 and 阿不都·热合曼 are found however they are typed. Each character
// knows where it comes from, so that a match can be shown in the original. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace rootlet {

struct SearchChar {
  std::uint32_t value = 0;
  std::uint32_t origin = 0;  // which code point of the original, from 0
};
using SearchText = std::vector<SearchChar>;

// Of at most `most_characters` code points of `utf8`; the rest is left out.
SearchText search_text(std::string_view utf8, std::size_t most_characters);

// What a character of a SearchText is: a letter or digit of ASCII, a blank, or a sign (everything
// else: Chinese characters, letters of other scripts, punctuation).
bool is_word_character(std::uint32_t c);
bool is_search_blank(std::uint32_t c);
bool is_han(std::uint32_t c);

}  // namespace rootlet
