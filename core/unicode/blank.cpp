// The Unicode characters of the properties White_Space and of zero width that occur in files of
// offices.
#include "core/unicode/blank.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/unicode/utf8.hpp"

namespace rootlet {
namespace {

// The last character of `utf8`, whose bytes begin at `at`.
std::size_t last_begin(std::string_view utf8) {
  std::size_t at = utf8.size() - 1;
  while (at > 0 && (static_cast<unsigned char>(utf8[at]) & 0xC0) == 0x80) --at;
  return at;
}

}  // namespace

bool is_blank(std::uint32_t c) {
  if (c <= 0x20 || c == 0x7F) return true;
  static constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 11> kRanges{
      {{0x85, 0x85},
       {0xA0, 0xA0},
       {0xAD, 0xAD},  // next line, no-break space, soft hyphen
       {0x1680, 0x1680},
       {0x180E, 0x180E},
       {0x2000, 0x200F},  // spaces of all widths, zero width, marks of direction
       {0x2028, 0x202F},
       {0x205F, 0x206F},  // separators, embeddings, invisible operators
       {0x3000, 0x3000},  // the blank of Chinese input methods
       {0x3164, 0x3164},
       {0xFEFF, 0xFEFF}}};
  return std::any_of(kRanges.begin(), kRanges.end(),
                     [c](const auto& range) { return range.first <= c && c <= range.second; });
}

std::string_view without_blank_ends(std::string_view utf8) {
  while (!utf8.empty()) {
    const CodePoint first = code_point_at(utf8, 0);
    if (first.bytes == 0 || !is_blank(first.value)) break;
    utf8.remove_prefix(first.bytes);
  }
  while (!utf8.empty()) {
    const std::size_t at = last_begin(utf8);
    const CodePoint last = code_point_at(utf8, at);
    if (last.bytes == 0 || !is_blank(last.value)) break;
    utf8 = utf8.substr(0, at);
  }
  return utf8;
}

ForeignCharacter first_foreign(std::string_view utf8) {
  std::size_t place = 1;
  for (std::size_t at = 0; at < utf8.size(); ++place) {
    const CodePoint point = code_point_at(utf8, at);
    if (point.bytes == 0) return {0xFFFD, place};
    if (point.value >= 0x80 || point.value < 0x20) return {point.value, place};
    at += point.bytes;
  }
  return {};
}

char look_alike(std::uint32_t c) {
  static constexpr std::array<std::pair<std::uint32_t, char>, 34> kLooks{
      {{0x0410, 'A'}, {0x0412, 'B'}, {0x0421, 'C'}, {0x0415, 'E'}, {0x041D, 'H'}, {0x0406, 'I'},
       {0x0408, 'J'}, {0x041A, 'K'}, {0x041C, 'M'}, {0x041E, 'O'}, {0x0420, 'P'}, {0x0405, 'S'},
       {0x0422, 'T'}, {0x0425, 'X'}, {0x0430, 'a'}, {0x0441, 'c'}, {0x0435, 'e'}, {0x043E, 'o'},
       {0x0440, 'p'}, {0x0443, 'y'}, {0x0445, 'x'}, {0x0391, 'A'}, {0x0392, 'B'}, {0x0395, 'E'},
       {0x0397, 'H'}, {0x0399, 'I'}, {0x039A, 'K'}, {0x039C, 'M'}, {0x039D, 'N'}, {0x039F, 'O'},
       {0x03A1, 'P'}, {0x03A4, 'T'}, {0x03A7, 'X'}, {0x3007, '0'}}};
  if (c >= 0xFF01 && c <= 0xFF5E) return static_cast<char>(c - 0xFF00 + 0x20);
  if (c >= 0x2160 && c <= 0x2164) return "IIIIV"[c - 0x2160];
  const auto found =
      std::find_if(kLooks.begin(), kLooks.end(), [c](const auto& pair) { return pair.first == c; });
  return found != kLooks.end() ? found->second : '\0';
}

}  // namespace rootlet
