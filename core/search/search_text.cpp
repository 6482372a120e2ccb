// Folds cluster by cluster: a character and the marks on it. What a cluster becomes has the
// cluster's place.
#include "core/search/search_text.hpp"

#include <string>

#include "core/search/han.hpp"
#include "core/unicode/fold.hpp"
#include "core/unicode/utf8.hpp"

namespace rootlet {
namespace {

constexpr std::uint32_t kMiddleDot = 0xB7;  // the only one after folding
constexpr std::uint32_t kBlank = ' ';

bool is_mark(std::uint32_t c) {
  return (c >= 0x300 && c <= 0x36F) || (c >= 0x20D0 && c <= 0x20FF) || c == 0x3099 || c == 0x309A;
}

bool is_plain_ascii(std::uint32_t c) {
  return c < 0x80;
}

// Their folded form is themselves, apart from the simplified form.
bool is_unified_han(std::uint32_t c) {
  return (c >= 0x3400 && c <= 0x9FFF) ||
         (c >= 0x20000 && c <= 0x323AF && (c < 0x2F800 || c > 0x2FA1F));
}

CodePoint point_at(std::string_view utf8, std::size_t at) {
  const CodePoint point = code_point_at(utf8, at);
  return point.bytes == 0 ? CodePoint{0xFFFD, 1} : point;
}

class Folding {
 public:
  void add(std::uint32_t value, std::uint32_t origin) {
    if (value == kMiddleDot) return;
    if (value < 0x20 || value == 0x3000 || value == 0xA0) value = kBlank;
    out.push_back({is_unified_han(value) ? simplified_form(value) : value, origin});
  }
  void add_cluster(std::string_view cluster, std::uint32_t origin) {
    const std::string plain = folded(cluster);
    for (std::size_t at = 0; at < plain.size();) {
      const CodePoint point = point_at(plain, at);
      add(point.value, origin);
      at += point.bytes;
    }
  }
  SearchText out;
};

bool separates_han(const SearchText& text, std::size_t at) {
  const std::uint32_t c = text[at].value;
  if (c != kBlank && c != '.') return false;
  std::size_t after = at + 1;
  while (after < text.size() && text[after].value == kBlank) ++after;
  return after < text.size() && is_han(text[after].value);
}

// Without blanks and full stops between Chinese characters, and without blanks at the ends.
SearchText joined(const SearchText& text) {
  SearchText out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool after_han = !out.empty() && is_han(out.back().value);
    const bool after_blank = out.empty() || out.back().value == kBlank;
    if (after_han && separates_han(text, at)) continue;
    if (text[at].value == kBlank && after_blank) continue;
    out.push_back(text[at]);
  }
  if (!out.empty() && out.back().value == kBlank) out.pop_back();
  return out;
}

}  // namespace

bool is_word_character(std::uint32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_search_blank(std::uint32_t c) {
  return c == kBlank;
}

bool is_han(std::uint32_t c) {
  return is_unified_han(c) && (c < 0x4DC0 || c >= 0x4E00);  // not the hexagram symbols
}

SearchText search_text(std::string_view utf8, std::size_t most_characters) {
  Folding folding;
  folding.out.reserve(std::min(utf8.size(), most_characters));
  std::uint32_t place = 0;
  for (std::size_t at = 0; at < utf8.size() && place < most_characters;) {
    const CodePoint point = point_at(utf8, at);
    std::size_t end = at + point.bytes;
    std::uint32_t points = 1;
    while (end < utf8.size() && !is_plain_ascii(static_cast<unsigned char>(utf8[end]))) {
      const CodePoint next = point_at(utf8, end);
      if (!is_mark(next.value)) break;
      end += next.bytes;
      ++points;
    }
    if (points == 1 && (is_plain_ascii(point.value) || is_unified_han(point.value))) {
      const bool capital = point.value >= 'A' && point.value <= 'Z';
      folding.add(capital ? point.value + 32 : point.value, place);
    } else {
      folding.add_cluster(utf8.substr(at, end - at), place);
    }
    at = end;
    place += points;
  }
  return joined(folding.out);
}

}  // namespace rootlet
