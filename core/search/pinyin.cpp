// Matching walks over letters and characters at once and remembers where it failed.
#include "core/search/pinyin.hpp"

#include <algorithm>
#include <deque>

namespace rootlet {
namespace {

constexpr std::size_t kMostSteps = 4'096;  // of the search for cuts; names take some tens

// The other spelling of the beginning of `one` that sounds alike; empty if there is none.
std::string other_initial(const std::string& one) {
  const std::string first = one.substr(0, 1);
  if (one.substr(1, 1) == "h") return first + one.substr(2);
  if (first == "z" || first == "c" || first == "s") return first + "h" + one.substr(1);
  if (first == "l") return "n" + one.substr(1);
  if (first == "n" && one.size() > 1) return "l" + one.substr(1);
  return {};
}

// The same of its end.
std::string other_final(const std::string& one) {
  for (const char* nasal : {"an", "en", "in"}) {
    if (one.ends_with(nasal)) return one + "g";
    if (one.ends_with(std::string(nasal) + "g")) return one.substr(0, one.size() - 1);
  }
  return {};
}

// `syllable` as speakers may write it; itself first.
std::vector<std::string> spellings(std::string_view syllable, Sounds sounds) {
  std::vector<std::string> out{std::string(syllable)};
  if (sounds == Sounds::kExact) return out;
  out.push_back(other_initial(out[0]));
  out.push_back(other_final(out[0]));
  if (!out[1].empty()) out.push_back(other_final(out[1]));
  std::erase(out, std::string());
  return out;
}

std::size_t initial_size(std::string_view spelling) {
  return spelling.size() > 1 && spelling[1] == 'h' ? 2 : 1;
}

class Matching {
 public:
  Matching(std::string_view letters, const SearchText& text, std::size_t at, Sounds sounds)
      : letters_(letters), text_(text), at_(at), sounds_(sounds) {}

  std::optional<PinyinMatch> run() {
    walk(0, at_);
    return best_;
  }

 private:
  // A text longer than the letters cannot be reached: each character takes a letter.
  bool seen(std::size_t used, std::size_t at) {
    if (seen_.empty()) seen_.resize((letters_.size() + 1) * (letters_.size() + 1));
    const std::size_t place = used * (letters_.size() + 1) + (at - at_);
    const bool known = seen_[place];
    seen_[place] = true;
    return known;
  }

  void walk(std::size_t used, std::size_t at) {
    if (best_.has_value() && best_->is_complete) return;
    if (used == letters_.size()) {
      best_ = {at, true};
      return;
    }
    if (at == text_.size() || !is_han(text_[at].value) || seen(used, at)) return;
    const Readings readings = readings_at(text_, at);
    for (const Syllable reading : readings.list()) {
      if (sounds_ == Sounds::kExact) {
        take(spelling_of(reading), used, at);
        continue;
      }
      for (const std::string& spelling : spellings(spelling_of(reading), sounds_)) {
        take(spelling, used, at);
      }
    }
  }

  void take(std::string_view spelling, std::size_t used, std::size_t at) {
    const std::string_view rest = letters_.substr(used);
    if (rest.front() != spelling.front()) return;
    if (rest.starts_with(spelling)) walk(used + spelling.size(), at + 1);
    walk(used + 1, at + 1);
    const std::size_t initial = initial_size(spelling);
    if (initial == 2 && rest.starts_with(spelling.substr(0, 2))) walk(used + 2, at + 1);
    const bool is_begun =
        rest.size() > initial && rest.size() < spelling.size() && spelling.starts_with(rest);
    if (is_begun && !best_.has_value()) best_ = {at + 1, false};
  }

  std::string_view letters_;
  const SearchText& text_;
  std::size_t at_;
  Sounds sounds_;
  std::vector<bool> seen_;
  std::optional<PinyinMatch> best_;
};

bool begins_syllable(std::string_view letters, Sounds sounds) {
  return !syllables_of(letters, true, sounds).empty();
}

// The pieces that may stand at the beginning of `rest`, the longest first.
std::vector<PinyinPiece> pieces(std::string_view rest, Sounds sounds) {
  constexpr std::size_t kLongestSyllable = 6;
  std::vector<PinyinPiece> out;
  for (std::size_t n = std::min(rest.size(), kLongestSyllable); n > 0; --n) {
    const std::string_view piece = rest.substr(0, n);
    if (is_initial(piece)) {
      if (begins_syllable(piece, sounds)) out.push_back({piece, true});
      // A letter may be a syllable of its own too; as an initial it covers that.
      continue;
    }
    if (!syllables_of(piece, n == rest.size(), sounds).empty()) out.push_back({piece, false});
  }
  return out;
}

}  // namespace

std::optional<PinyinMatch> match_pinyin(std::string_view letters, const SearchText& text,
                                        std::size_t at, Sounds sounds) {
  return Matching(letters, text, at, sounds).run();
}

bool is_initial(std::string_view letters) {
  return letters.size() == 1 || letters == "zh" || letters == "ch" || letters == "sh";
}

std::vector<Syllable> syllables_of(std::string_view piece, bool is_last, Sounds sounds) {
  std::vector<Syllable> out;
  if (sounds == Sounds::kExact) {
    const SyllableRange range = syllables_from(piece);
    for (Syllable one = range.first; one < range.end; ++one) {
      if (is_last || spelling_of(one) == piece) out.push_back(one);
    }
    return out;
  }
  for (Syllable one = 0; one < syllable_count(); ++one) {
    for (const std::string& spelling : spellings(spelling_of(one), sounds)) {
      const bool fits = is_last ? spelling.starts_with(piece) : spelling == piece;
      if (!fits) continue;
      out.push_back(one);
      break;
    }
  }
  return out;
}

std::vector<PinyinCut> pinyin_cuts(std::string_view letters, Sounds sounds, std::size_t most) {
  struct Partial {
    PinyinCut cut;
    std::size_t used = 0;
  };
  std::vector<std::vector<PinyinPiece>> by_place(letters.size());
  for (std::size_t i = 0; i < letters.size(); ++i) by_place[i] = pieces(letters.substr(i), sounds);
  // From which places the rest can be cut at all.
  std::vector<bool> goes_on(letters.size() + 1, false);
  goes_on[letters.size()] = true;
  for (std::size_t i = letters.size(); i-- > 0;) {
    for (const PinyinPiece& piece : by_place[i]) {
      if (goes_on[i + piece.letters.size()]) goes_on[i] = true;
    }
  }
  std::vector<PinyinCut> found;
  std::deque<Partial> waiting(1);  // in the order of their numbers of pieces
  for (std::size_t step = 0; step < kMostSteps && !waiting.empty() && found.size() < most; ++step) {
    const Partial partial = std::move(waiting.front());
    waiting.pop_front();
    if (partial.used == letters.size()) {
      if (!partial.cut.empty()) found.push_back(partial.cut);
      continue;
    }
    for (const PinyinPiece& piece : by_place[partial.used]) {
      const std::size_t used = partial.used + piece.letters.size();
      if (!goes_on[used] || waiting.size() > kMostSteps) continue;
      waiting.push_back({partial.cut, used});
      waiting.back().cut.push_back(piece);
    }
  }
  return found;
}

std::string letters_alike(char letter, Sounds sounds) {
  if (sounds == Sounds::kAlike && (letter == 'n' || letter == 'l')) return "nl";
  return std::string(1, letter);
}

}  // namespace rootlet
