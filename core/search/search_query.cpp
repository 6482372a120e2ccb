// Literal matches are plain comparisons; pinyin is tried only where there is none that is better.
#include "core/search/search_query.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/local_limits.hpp"
#include "core/search/search_terms.hpp"
#include "core/unicode/utf8.hpp"

namespace rootlet {
namespace {

constexpr std::uint32_t kUmlautU = 0xFC;

bool separates_words(std::uint32_t c) {
  const bool is_wide = c == 0xA0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F;
  return (c > 0 && c <= 0x20) || is_wide;
}

// Empty if the word is no pinyin.
std::string pinyin_letters(const SearchText& word) {
  std::string out;
  for (const SearchChar& c : word) {
    if (c.value == '\'') continue;
    const bool is_letter = c.value >= 'a' && c.value <= 'z';
    if (!is_letter && c.value != kUmlautU) return {};
    out.push_back(is_letter ? static_cast<char>(c.value) : 'v');
  }
  return out.size() <= limits::kPinyinLetters ? out : std::string();
}

// Adds the words of `text`, which is cut at blanks.
void add_words(const SearchText& text, std::vector<SearchWord>& words) {
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && !is_search_blank(text[end].value)) ++end;
    if (end > at) {
      SearchText word(text.begin() + static_cast<std::ptrdiff_t>(at),
                      text.begin() + static_cast<std::ptrdiff_t>(end));
      std::string letters = pinyin_letters(word);
      words.push_back({std::move(word), std::move(letters)});
    }
    at = end + 1;
  }
}

bool has_at(const SearchText& text, std::size_t at, const SearchText& word) {
  return text.size() - at >= word.size() &&
         std::equal(word.begin(), word.end(), text.begin() + static_cast<std::ptrdiff_t>(at),
                    [](const SearchChar& a, const SearchChar& b) { return a.value == b.value; });
}

// Letters and digits at the beginning of `word`, as far as a term reaches.
bool needs_word_start(const SearchText& word) {
  std::size_t count = 0;
  while (count < word.size() && is_word_character(word[count].value)) ++count;
  return count > 0 && count < kWordTermCharacters;
}

SearchMatch match_at(const SearchText& text, std::size_t begin, std::size_t end, bool is_complete) {
  SearchMatch match{.tier = MatchTier::kInside,
                    .is_pinyin = false,
                    .begin = text[begin].origin,
                    .end = text[end - 1].origin + 1};
  if (begin == 0) {
    match.tier = end == text.size() && is_complete ? MatchTier::kWhole : MatchTier::kStart;
  }
  return match;
}

std::optional<SearchMatch> match_literal(const SearchText& word, const SearchText& text) {
  const bool at_word_start = needs_word_start(word);
  for (std::size_t at = 0; at + word.size() <= text.size(); ++at) {
    if (!has_at(text, at, word)) continue;
    if (at > 0 && at_word_start && is_word_character(text[at - 1].value)) continue;
    return match_at(text, at, at + word.size(), true);
  }
  return std::nullopt;
}

std::optional<SearchMatch> match_letters(const std::string& letters, const SearchText& text,
                                         Sounds sounds) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at > 0 && is_initial(letters)) break;
    if (!is_han(text[at].value)) continue;
    const std::optional<PinyinMatch> found = match_pinyin(letters, text, at, sounds);
    if (!found) continue;
    SearchMatch match = match_at(text, at, found->end, found->is_complete);
    match.is_pinyin = true;
    return match;
  }
  return std::nullopt;
}

}  // namespace

Result<SearchQuery> parse_search(std::string_view typed, Sounds sounds) {
  const Text hint{.en = "a few words, such as 王小明 or wxm or 330402",
                  .zh = "请输入几个词，例如 王小明、wxm 或 330402"};
  if (typed.size() > limits::kSearchTextBytes) {
    return bad_input("the text to search for is longer than " +
                         std::to_string(limits::kSearchTextBytes) + " bytes",
                     "text", hint);
  }
  SearchQuery query{.words = {}, .sounds = sounds};
  for (std::size_t at = 0; at < typed.size();) {
    std::size_t end = at;
    while (end < typed.size() && !separates_words(code_point_at(typed, end).value)) {
      end += std::max<std::size_t>(code_point_at(typed, end).bytes, 1);
    }
    add_words(search_text(typed.substr(at, end - at), limits::kSearchTextBytes), query.words);
    at = end == typed.size() ? end : end + code_point_at(typed, end).bytes;
  }
  if (query.words.empty()) return bad_input("there is nothing to search for", "text", hint);
  if (query.words.size() > limits::kSearchWords) {
    return bad_input("more than " + std::to_string(limits::kSearchWords) + " words to search for",
                     "text", hint);
  }
  return query;
}

std::optional<SearchMatch> match_word(const SearchWord& word, const SearchText& text,
                                      Sounds sounds) {
  std::optional<SearchMatch> best = match_literal(word.text, text);
  const bool is_settled = best.has_value() && best->tier != MatchTier::kInside;
  if (word.letters.empty() || is_settled) return best;
  const std::optional<SearchMatch> read = match_letters(word.letters, text, sounds);
  if (!best || (read && read->tier < best->tier)) return read;
  return best;
}

}  // namespace rootlet
