// Pinyin as people type it, beside the characters that it may stand for: each character by its full
// syllable or by its first letter (zh, ch, sh count as one), mixed as they like, and the last one
// by the beginning of its syllable: wangxiaoming, wxm, wangxm, wangxiaom for 王小明. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/search/han.hpp"

namespace rootlet {

// Sounds that many speakers do not tell apart count as equal: z zh, c ch, s sh, n l, an ang, en
// eng, in ing.
enum class Sounds { kExact, kAlike };

struct PinyinMatch {
  std::size_t end = 0;      // in the text, behind the last character
  bool is_complete = true;  // false: the last syllable is only begun
};

// Whether `letters` (a to z) stand for the characters of `text` from `at` on. A complete match is
// preferred.
std::optional<PinyinMatch> match_pinyin(std::string_view letters, const SearchText& text,
                                        std::size_t at, Sounds sounds);

// One way to cut letters into characters.
struct PinyinPiece {
  std::string_view letters;
  bool is_initial = false;  // one letter, or zh, ch, sh
};
using PinyinCut = std::vector<PinyinPiece>;

// The ways to cut `letters`, those with the fewest characters first, at most `most`. Views
// `letters`.
std::vector<PinyinCut> pinyin_cuts(std::string_view letters, Sounds sounds, std::size_t most);

// The syllables that a piece may stand for: itself, or at the end of the letters what it begins.
std::vector<Syllable> syllables_of(std::string_view piece, bool is_last, Sounds sounds);

bool is_initial(std::string_view letters);

// The letters that the first letter of a reading may be written as: itself, and n or l for each
// other.
std::string letters_alike(char letter, Sounds sounds);

}  // namespace rootlet
