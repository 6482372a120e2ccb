// Terms in quotes, joined by AND and OR: no text of a person is outside quotes.
#include "core/search/search_passes.hpp"

#include <algorithm>

#include "core/local_limits.hpp"
#include "core/search/search_terms.hpp"
#include "core/unicode/utf8.hpp"

namespace rootlet {
namespace {

enum class Columns { kKey, kOther };

std::string quoted_term(std::string_view term) {
  std::string out = "\"";
  for (const char c : term) {
    out.push_back(c);
    if (c == '"') out.push_back(c);
  }
  return out + "\"";
}

// "" if there is nothing to join.
std::string joined(const std::vector<std::string>& parts, std::string_view with) {
  if (parts.size() == 1) return parts.front();
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += with;
    out += part;
  }
  return parts.empty() ? out : "(" + out + ")";
}

std::string all_of(const std::vector<std::string>& parts) {
  return joined(parts, " AND ");
}
std::string any_of(const std::vector<std::string>& parts) {
  return joined(parts, " OR ");
}

// The terms that a text has if it contains `word` in the way of `tier`. The first few of them are
// enough to leave few candidates.
class LiteralTerms {
 public:
  LiteralTerms(const SearchText& word, MatchTier tier, Columns columns)
      : word_(word), tier_(tier), columns_(columns) {}

  std::string expression() {
    for (std::size_t at = 0; at < word_.size();) {
      std::size_t end = at;
      const bool is_word = is_word_character(word_[at].value);
      while (end < word_.size() && is_word_character(word_[end].value) == is_word) ++end;
      is_word ? letters(at, end) : signs(at, end);
      at = end;
    }
    if (parts_.size() > limits::kSearchTerms) parts_.resize(limits::kSearchTerms);
    return all_of(parts_);
  }

 private:
  std::string term(char kind, std::size_t begin, std::size_t end) const {
    std::string out(1, term_kind(kind, columns_ == Columns::kKey));
    for (std::size_t i = begin; i < end; ++i) append_utf8(out, word_[i].value);
    return quoted_term(out);
  }
  void need(char kind, std::size_t begin, std::size_t end) {
    std::string one = term(kind, begin, end);
    if (std::find(parts_.begin(), parts_.end(), one) == parts_.end()) {
      parts_.push_back(std::move(one));
    }
  }
  // Terms side by side say little of a word that repeats itself (10221022): it takes all of them.
  bool repeats(std::size_t begin, std::size_t end) const {
    for (std::size_t at = begin; at + kWordTermCharacters < end; ++at) {
      if (word_[at].value != word_[at + kWordTermCharacters].value) return false;
    }
    return true;
  }
  bool ends_text(std::size_t end) const {
    return tier_ == MatchTier::kWhole && end == word_.size();
  }

  void letters(std::size_t begin, std::size_t end) {
    const std::size_t length = end - begin;
    const std::size_t first = std::min(length, kWordTermCharacters);
    const bool begins_text = begin == 0 && tier_ != MatchTier::kInside;
    if (ends_text(end)) need('e', end - first, end);
    if (begins_text) {
      need('s', begin, begin + first);
    } else if (begin > 0) {
      need('r', begin, begin + first);
    } else if (length < kWordTermCharacters) {
      parts_.push_back(any_of({term('s', begin, end), term('r', begin, end)}));
      return;
    }
    const std::size_t step = repeats(begin, end) ? 1 : kWordTermCharacters;
    for (std::size_t at = begin; at + kWordTermCharacters < end; at += step) {
      if (at > begin || (begin == 0 && !begins_text)) need('g', at, at + kWordTermCharacters);
    }
    if (length > kWordTermCharacters || (begin == 0 && !begins_text)) {
      need('g', end - kWordTermCharacters, end);
    }
  }

  void signs(std::size_t begin, std::size_t end) {
    const bool begins_text = begin == 0 && tier_ != MatchTier::kInside;
    if (ends_text(end)) need('e', end - 1, end);
    if (begins_text) need('s', begin, begin + 1);
    for (std::size_t at = begin; at + 1 < end; ++at) need('u', at, at + 2);
    for (std::size_t at = begin; at + 2 < end; ++at) {
      if (is_same_sign_three_times(word_, at)) need('u', at, at + 3);
    }
    const bool is_said = end - begin > 1 || begins_text || ends_text(end);
    if (!is_said) need('u', begin, end);
  }

  const SearchText& word_;
  MatchTier tier_;
  Columns columns_;
  std::vector<std::string> parts_;
};

// The same for one way to cut the letters of a word. "" if this way has no such term.
class CutTerms {
 public:
  CutTerms(const PinyinCut& cut, MatchTier tier, Sounds sounds)
      : cut_(cut), tier_(tier), sounds_(sounds) {}

  std::string expression() {
    const bool is_whole = tier_ == MatchTier::kWhole;
    if (is_whole && (cut_.size() < 2 || cut_.size() > kInitialsTextCharacters)) return "";
    if (is_whole) {
      initials('=', 0, cut_.size());
    } else {
      if (tier_ == MatchTier::kStart) initials('b', 0, 1);
      for (std::size_t i = 0; i + 1 < cut_.size(); ++i) initials('i', i, i + 2);
    }
    for (std::size_t i = 0; i < cut_.size(); ++i) reading(i);
    if (parts_.size() > limits::kSearchTerms) parts_.resize(limits::kSearchTerms);
    return all_of(parts_);
  }

 private:
  // The first letters of pieces in every spelling that sounds alike.
  void initials(char kind, std::size_t begin, std::size_t end) {
    std::vector<std::string> terms{std::string(1, kind)};
    for (std::size_t i = begin; i < end; ++i) {
      std::vector<std::string> longer;
      for (const std::string& term : terms) {
        for (const char letter : letters_alike(cut_[i].letters.front(), sounds_)) {
          longer.push_back(term + letter);
        }
      }
      terms = std::move(longer);
    }
    for (std::string& term : terms) term = quoted_term(term);
    parts_.push_back(any_of(terms));
  }

  void reading(std::size_t at) {
    if (cut_[at].is_initial) return;
    std::vector<std::string> terms;
    for (const Syllable one : syllables_of(cut_[at].letters, at + 1 == cut_.size(), sounds_)) {
      terms.push_back(quoted_term("p" + std::string(spelling_of(one))));
    }
    parts_.push_back(any_of(terms));
  }

  const PinyinCut& cut_;
  MatchTier tier_;
  Sounds sounds_;
  std::vector<std::string> parts_;
};

std::string pinyin_expression(const SearchWord& word, MatchTier tier, Sounds sounds) {
  if (word.letters.empty()) return "";
  // One initial finds only beginnings.
  if (is_initial(word.letters) && tier == MatchTier::kInside) tier = MatchTier::kStart;
  std::vector<std::string> ways;
  for (const PinyinCut& cut : pinyin_cuts(word.letters, sounds, limits::kPinyinCuts)) {
    std::string way = CutTerms(cut, tier, sounds).expression();
    if (!way.empty() && std::find(ways.begin(), ways.end(), way) == ways.end()) {
      ways.push_back(std::move(way));
    }
  }
  return any_of(ways);
}

std::string literal_expression(const SearchWord& word, MatchTier tier, Columns columns) {
  return LiteralTerms(word.text, tier, columns).expression();
}

// Everything that matches `word` in the way of `tier`.
std::string word_expression(const SearchWord& word, MatchTier tier, Sounds sounds) {
  std::vector<std::string> ways{literal_expression(word, tier, Columns::kKey),
                                literal_expression(word, tier, Columns::kOther)};
  std::string read = pinyin_expression(word, tier, sounds);
  if (!read.empty()) ways.push_back(std::move(read));
  return any_of(ways);
}

// A single word has passes of its own for characters and readings, key columns and others.
std::vector<SearchPass> word_passes(const SearchWord& word, Sounds sounds) {
  std::vector<SearchPass> passes;
  for (const MatchTier tier : {MatchTier::kWhole, MatchTier::kStart, MatchTier::kInside}) {
    passes.push_back({literal_expression(word, tier, Columns::kKey), tier});
    passes.push_back({literal_expression(word, tier, Columns::kOther), tier});
    std::string read = pinyin_expression(word, tier, sounds);
    if (!read.empty()) passes.push_back({std::move(read), tier, true});
  }
  return passes;
}

}  // namespace

std::vector<SearchPass> search_passes(const SearchQuery& query) {
  if (query.words.size() == 1) return word_passes(query.words.front(), query.sounds);
  std::vector<SearchPass> passes;
  for (const MatchTier tier : {MatchTier::kWhole, MatchTier::kStart, MatchTier::kInside}) {
    std::vector<std::string> words;
    for (const SearchWord& word : query.words) {
      // The first word decides how well a row matches.
      const MatchTier wanted = words.empty() ? tier : MatchTier::kInside;
      words.push_back(word_expression(word, wanted, query.sounds));
    }
    passes.push_back({all_of(words), tier});
  }
  return passes;
}

std::string search_everything(const SearchQuery& query) {
  std::vector<std::string> words;
  for (const SearchWord& word : query.words) {
    words.push_back(word_expression(word, MatchTier::kInside, query.sounds));
  }
  return all_of(words);
}

}  // namespace rootlet
