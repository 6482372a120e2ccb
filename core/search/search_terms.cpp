// One pass over each cell: words, signs, readings.
#include "core/search/search_terms.hpp"

#include <algorithm>
#include <bitset>

#include "core/local_limits.hpp"
#include "core/search/han.hpp"
#include "core/unicode/utf8.hpp"

namespace rootlet {
namespace {

using Letters = std::bitset<26>;  // the first letters of a character's readings

class CellTerms {
 public:
  CellTerms(const SearchText& text, bool is_key, const TermSink& sink)
      : text_(text), is_key_(is_key), sink_(sink) {}

  bool emit() {
    for (std::size_t at = 0; at < text_.size() && goes_on_;) {
      const std::uint32_t c = text_[at].value;
      if (is_word_character(c)) {
        at = word(at);
        continue;
      }
      if (!is_search_blank(c)) sign(at);
      ++at;
    }
    if (goes_on_) readings();
    return goes_on_;
  }

 private:
  void put(char kind, std::size_t begin, std::size_t end) {
    if (!goes_on_) return;
    term_.assign(1, term_kind(kind, is_key_));
    for (std::size_t i = begin; i < end; ++i) append_utf8(term_, text_[i].value);
    goes_on_ = sink_(term_);
  }
  void put(char kind, std::string_view rest) {
    if (!goes_on_) return;
    term_.assign(1, kind);
    term_ += rest;
    goes_on_ = sink_(term_);
  }

  // The end of the word at `begin`.
  std::size_t word(std::size_t begin) {
    std::size_t end = begin;
    while (end < text_.size() && is_word_character(text_[end].value)) ++end;
    const std::size_t first = std::min(end - begin, kWordTermCharacters);
    for (std::size_t n = 1; n <= first; ++n) put(begin == 0 ? 's' : 'r', begin, begin + n);
    for (std::size_t at = begin; at + kWordTermCharacters <= end; ++at) {
      put('g', at, at + kWordTermCharacters);
    }
    if (end == text_.size()) put('e', end - first, end);
    return end;
  }

  void sign(std::size_t at) {
    put('u', at, at + 1);
    if (at == 0) put('s', at, at + 1);
    if (at + 1 == text_.size()) return put('e', at, at + 1);
    const std::uint32_t next = text_[at + 1].value;
    if (!is_word_character(next) && !is_search_blank(next)) put('u', at, at + 2);
    // Two are not rare where three are: 村村村 in the names of villages.
    if (is_same_sign_three_times(text_, at)) put('u', at, at + 3);
  }

  void readings() {
    Letters before, all[kInitialsTextCharacters];
    bool only_han = text_.size() <= kInitialsTextCharacters;
    for (std::size_t at = 0; at < text_.size() && goes_on_; ++at) {
      Letters letters;
      if (is_han(text_[at].value)) letters = syllables(at);
      only_han = only_han && letters.any();
      if (only_han) all[at] = letters;
      pairs(before, letters);
      if (at == 0) firsts(letters);
      before = letters;
    }
    if (only_han && text_.size() > 1) whole(all, 0, "");
  }

  Letters syllables(std::size_t at) {
    Letters letters;
    const Readings found = readings_at(text_, at);
    for (const Syllable one : found.list()) {
      put('p', spelling_of(one));
      letters.set(static_cast<std::size_t>(spelling_of(one).front() - 'a'));
    }
    return letters;
  }

  void firsts(const Letters& letters) {
    for (std::size_t i = 0; i < letters.size(); ++i) {
      if (letters[i]) put('b', std::string(1, static_cast<char>('a' + i)));
    }
  }

  void pairs(const Letters& before, const Letters& letters) {
    if (before.none() || letters.none()) return;
    for (std::size_t i = 0; i < before.size(); ++i) {
      for (std::size_t j = 0; before[i] && j < letters.size(); ++j) {
        const char pair[] = {static_cast<char>('a' + i), static_cast<char>('a' + j)};
        if (letters[j]) put('i', {pair, 2});
      }
    }
  }

  void whole(const Letters* all, std::size_t at, const std::string& start) {
    if (at == text_.size()) return put('=', start);
    for (std::size_t i = 0; i < all[at].size(); ++i) {
      if (all[at][i]) whole(all, at + 1, start + static_cast<char>('a' + i));
    }
  }

  const SearchText& text_;
  bool is_key_;
  const TermSink& sink_;
  std::string term_;
  bool goes_on_ = true;
};

}  // namespace

bool is_same_sign_three_times(const SearchText& text, std::size_t at) {
  return at + 2 < text.size() && text[at].value == text[at + 1].value &&
         text[at].value == text[at + 2].value;
}

bool document_terms(std::string_view document, const TermSink& sink) {
  while (!document.empty()) {
    const bool is_key = document.front() == kKeyCell;
    const std::size_t end = std::min(document.find(kCellEnd), document.size());
    const SearchText text = search_text(
        document.substr(0, end).substr(std::min<std::size_t>(end, 1)), limits::kSearchedCharacters);
    if (!CellTerms(text, is_key, sink).emit()) return false;
    document.remove_prefix(std::min(end + 1, document.size()));
  }
  return true;
}

}  // namespace rootlet
