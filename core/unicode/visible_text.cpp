// The list of unsafe characters (Unicode general categories Cc, Zl, Zp and most of Cf), and the two
// forms of their escapes.
#include "core/unicode/visible_text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "core/unicode/utf8.hpp"

namespace rootlet {
namespace {

struct Range {
  std::uint32_t first, last;
};

constexpr std::array kUnsafe = {
    Range{0x00, 0x1F},        // C0: escape sequences begin here
    Range{0x7F, 0x9F},        // DEL and C1
    Range{0xAD, 0xAD},        // soft hyphen
    Range{0x61C, 0x61C},      // Arabic letter mark
    Range{0x180E, 0x180E},    // a separator that became invisible
    Range{0x200B, 0x200B},    // zero width space
    Range{0x200E, 0x200F},    // directional marks
    Range{0x2028, 0x202E},    // separators; embeddings and overrides
    Range{0x2060, 0x206F},    // word joiner, invisible operators, isolates
    Range{0xFDD0, 0xFDEF},    // noncharacters
    Range{0xFEFF, 0xFEFF},    // byte order mark
    Range{0xFFF0, 0xFFFB},    // interlinear annotation
    Range{0xFFFE, 0xFFFF},    // noncharacters
    Range{0xE0000, 0xE0FFF},  // tags; variation selectors of ideographs are 0xE0100 to 0xE01EF
};

constexpr bool is_ideograph_variation(std::uint32_t c) {
  return c >= 0xE0100 && c <= 0xE01EF;
}

// The bytes that no escape is needed for, at the beginning of `text`.
std::size_t plain_prefix(std::string_view text) {
  const auto end = std::find_if(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte >= 0x7F;
  });
  return static_cast<std::size_t>(end - text.begin());
}

std::string formatted(const char* form, std::uint32_t value) {
  char text[24];
  std::snprintf(text, sizeof text, form, static_cast<unsigned>(value));
  return text;
}

std::string json_escape(std::uint32_t value) {
  if (value < 0x10000) return formatted("\\u%04x", value);
  return formatted("\\u%04x", 0xD7C0 + (value >> 10)) +
         formatted("\\u%04x", 0xDC00 + (value & 0x3FF));
}

// Copies `text`, with `escape(point, byte)` in place of what must not be shown. `point` is that of
// a code point; without bytes, `byte` is not UTF-8.
template <typename Escape>
std::string escaped(std::string_view text, const Escape& escape) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t plain = plain_prefix(text);
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const CodePoint point = code_point_at(text, 0);
    const std::size_t bytes = std::max<std::size_t>(point.bytes, 1);
    if (point.bytes > 0 && !is_unsafe_to_show(point.value)) {
      out += text.substr(0, bytes);
    } else {
      out += escape(point, static_cast<unsigned char>(text.front()));
    }
    text.remove_prefix(bytes);
  }
  return out;
}

}  // namespace

bool is_unsafe_to_show(std::uint32_t code_point) {
  if (is_ideograph_variation(code_point)) return false;
  return std::any_of(kUnsafe.begin(), kUnsafe.end(), [code_point](const Range& range) {
    return code_point >= range.first && code_point <= range.last;
  });
}

std::string visible_text(std::string_view text, LineEnds line_ends) {
  return escaped(text, [line_ends](const CodePoint& point, unsigned char byte) -> std::string {
    if (point.bytes == 0) return formatted("\\x{%02x}", byte);
    if (point.value == '\n' && line_ends == LineEnds::kKept) return "\n";
    return formatted("\\u{%x}", point.value);
  });
}

std::string visible_json(std::string_view json) {
  return escaped(json, [](const CodePoint& point, unsigned char byte) -> std::string {
    if (point.bytes == 0) return "\xEF\xBF\xBD";
    const bool is_blank = byte == '\n' || byte == '\t' || byte == '\r';  // between the values
    return is_blank ? std::string(1, static_cast<char>(byte)) : json_escape(point.value);
  });
}

}  // namespace rootlet
