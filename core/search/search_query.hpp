// What a person typed into the search box, and what finds it. Words are separated by blanks, and a
// row must have them all, in one column or several. Every character is text: nothing is syntax.
// Pure.
//
// A word is found where a text contains it. It must begin a word of the text if it begins with
// fewer than four letters or digits, so that 33 finds what begins with 33 and 3304 finds it
// anywhere. A word of letters is also read as pinyin (pinyin.hpp); one initial alone finds the
// texts that begin with it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/search/pinyin.hpp"

namespace rootlet {

struct SearchWord {
  SearchText text;
  std::string letters;  // its pinyin; empty if it is none
};

struct SearchQuery {
  std::vector<SearchWord> words;
  Sounds sounds = Sounds::kExact;
};

// kBadInput if there is nothing to look for, or more than the limits.
Result<SearchQuery> parse_search(std::string_view typed, Sounds sounds);

// How well a text matches; smaller is better.
enum class MatchTier { kWhole, kStart, kInside };

struct SearchMatch {
  MatchTier tier = MatchTier::kInside;
  bool is_pinyin = false;
  std::uint32_t begin = 0, end = 0;  // code points of the original text
};

// The best match of a word in a text.
std::optional<SearchMatch> match_word(const SearchWord& word, const SearchText& text,
                                      Sounds sounds);

}  // namespace rootlet
