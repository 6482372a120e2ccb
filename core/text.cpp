// The width of text on a terminal, and the language of the environment.
#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <span>

namespace rootlet {
namespace {

struct Range {
  std::uint32_t first, last;
};

// East Asian wide ranges (Unicode UAX #11, W and F), coarse but right for CJK text.
constexpr std::array kWide = {
    Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},   Range{0x3041, 0xA4CF},
    Range{0xA960, 0xA97C},   Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},
    Range{0xFE10, 0xFE19},   Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},
    Range{0xFFE0, 0xFFE6},   Range{0x16FE0, 0x18DFF}, Range{0x1B000, 0x1B2FF},
    Range{0x1F300, 0x1F64F}, Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1F9FF},
    Range{0x20000, 0x3FFFD},
};

// Marks above, below or inside the character before them, joiners, variation selectors: those of
// the scripts that offices in China write.
constexpr std::array kZeroWidth = {
    Range{0x0300, 0x036F}, Range{0x0610, 0x061A}, Range{0x064B, 0x065F}, Range{0x0670, 0x0670},
    Range{0x06D6, 0x06DC}, Range{0x06DF, 0x06E4}, Range{0x06E7, 0x06E8}, Range{0x06EA, 0x06ED},
    Range{0x0F35, 0x0F35}, Range{0x0F37, 0x0F37}, Range{0x0F39, 0x0F39}, Range{0x0F71, 0x0F7E},
    Range{0x0F80, 0x0F84}, Range{0x0F86, 0x0F87}, Range{0x0F8D, 0x0FBC}, Range{0x180B, 0x180F},
    Range{0x1AB0, 0x1AFF}, Range{0x1DC0, 0x1DFF}, Range{0x200B, 0x200F}, Range{0x202A, 0x202E},
    Range{0x2060, 0x206F}, Range{0x20D0, 0x20FF}, Range{0x302A, 0x302D}, Range{0x3099, 0x309A},
    Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F}, Range{0xFEFF, 0xFEFF}, Range{0xE0000, 0xE0FFF},
};

bool is_in(std::span<const Range> ranges, std::uint32_t c) {
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), c,
                       [](std::uint32_t value, const Range& range) { return value < range.first; });
  return after != ranges.begin() && c <= std::prev(after)->last;
}

std::size_t width_of(std::uint32_t c) {
  if (c < 0x300) return 1;
  if (is_in(kZeroWidth, c)) return 0;
  return is_in(kWide, c) ? 2 : 1;
}

}  // namespace

const std::string& Text::in(Language language) const {
  if (language == Language::kChinese) return zh.empty() ? en : zh;
  return en.empty() ? zh : en;
}

Language language_from_environment() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    return std::strncmp(value, "zh", 2) == 0 ? Language::kChinese : Language::kEnglish;
  }
  return Language::kEnglish;
}

std::size_t display_width(std::string_view utf8) {
  std::size_t columns = 0;
  for (std::size_t at = 0; at < utf8.size();) {
    const CodePoint point = code_point_at(utf8, at);
    columns += width_of(point.value);
    at += point.bytes == 0 ? 1 : point.bytes;
  }
  return columns;
}

std::string fit_to_width(std::string_view utf8, std::size_t columns) {
  const std::size_t width = display_width(utf8);
  if (width <= columns) return std::string(utf8) + std::string(columns - width, ' ');
  std::string out;
  std::size_t used = 0;
  for (std::size_t at = 0; at < utf8.size();) {
    const CodePoint point = code_point_at(utf8, at);
    const std::size_t step = width_of(point.value);
    if (used + step + 1 > columns) break;
    const std::size_t length = point.bytes == 0 ? 1 : point.bytes;
    out += utf8.substr(at, length);
    used += step;
    at += length;
  }
  out += "…";
  return out + std::string(columns - used - 1, ' ');
}

}  // namespace rootlet
