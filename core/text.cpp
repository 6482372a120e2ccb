// The width of text on a terminal, and the language of the environment.
#include "core/text.hpp"

#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace rootlet {
namespace {

// East Asian wide ranges (Unicode UAX #11, W and F), coarse but right for CJK text.
bool is_wide(std::uint32_t c) {
  return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
         (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
         (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1F64F) ||
         (c >= 0x20000 && c <= 0x3FFFD);
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
    columns += is_wide(point.value) ? 2 : 1;
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
    const std::size_t step = is_wide(point.value) ? 2 : 1;
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
