// UTF-8 (RFC 3629), the width of text on a terminal, and the language of the environment.
#include "core/text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace rootlet {
namespace {

// One code point from `bytes` at `at`; 0 bytes long if it is not well-formed.
struct CodePoint {
  std::uint32_t value = 0;
  std::size_t length = 0;
};

CodePoint decode_at(std::string_view bytes, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i]));
  };
  const std::uint32_t first = byte(at);
  if (first < 0x80) return {first, 1};
  std::size_t length = 0;
  std::uint32_t value = 0;
  std::uint32_t least = 0;
  if ((first & 0xE0) == 0xC0) {
    length = 2, value = first & 0x1F, least = 0x80;
  } else if ((first & 0xF0) == 0xE0) {
    length = 3, value = first & 0x0F, least = 0x800;
  } else if ((first & 0xF8) == 0xF0) {
    length = 4, value = first & 0x07, least = 0x10000;
  } else {
    return {};
  }
  if (at + length > bytes.size()) return {};
  for (std::size_t i = at + 1; i < at + length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    value = (value << 6) | (byte(i) & 0x3F);
  }
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < least || value > 0x10FFFF || surrogate) return {};
  return {value, length};
}

// True for a character of three bytes, as most Chinese ones are. The same answer as decode_at(),
// faster.
bool is_three_bytes(std::string_view bytes, std::size_t at) {
  if (bytes.size() - at < 3) return false;
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return static_cast<unsigned char>(bytes[at + i]);
  };
  const std::uint32_t value = (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
  const bool is_shaped = (byte(0) & 0xF0) == 0xE0 && ((byte(1) | byte(2) << 8) & 0xC0C0) == 0x8080;
  return is_shaped && value >= 0x800 && (value < 0xD800 || value > 0xDFFF);
}

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

bool is_utf8(std::string_view bytes) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080ULL;
  for (std::size_t at = 0; at < bytes.size();) {
    std::uint64_t eight = 0;
    const std::size_t count = std::min(bytes.size() - at, sizeof eight);
    std::memcpy(&eight, bytes.data() + at, count);
    if ((eight & kHighBits) == 0) {  // ASCII, as most data is
      at += count;
      continue;
    }
    if (is_three_bytes(bytes, at)) {
      at += 3;
      continue;
    }
    const CodePoint point = decode_at(bytes, at);
    if (point.length == 0) return false;
    at += point.length;
  }
  return true;
}

std::size_t display_width(std::string_view utf8) {
  std::size_t columns = 0;
  for (std::size_t at = 0; at < utf8.size();) {
    const CodePoint point = decode_at(utf8, at);
    columns += is_wide(point.value) ? 2 : 1;
    at += point.length == 0 ? 1 : point.length;
  }
  return columns;
}

std::string fit_to_width(std::string_view utf8, std::size_t columns) {
  const std::size_t width = display_width(utf8);
  if (width <= columns) return std::string(utf8) + std::string(columns - width, ' ');
  std::string out;
  std::size_t used = 0;
  for (std::size_t at = 0; at < utf8.size();) {
    const CodePoint point = decode_at(utf8, at);
    const std::size_t step = is_wide(point.value) ? 2 : 1;
    if (used + step + 1 > columns) break;
    const std::size_t length = point.length == 0 ? 1 : point.length;
    out += utf8.substr(at, length);
    used += step;
    at += length;
  }
  out += "…";
  return out + std::string(columns - used - 1, ' ');
}

}  // namespace rootlet
