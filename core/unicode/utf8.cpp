// Decoding by the table of RFC 3629, with short cuts for ASCII and for Chinese text.
#include "core/unicode/utf8.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace rootlet {
namespace {

// What a first byte announces: the length of its character, its own bits, the least value.
struct Lead {
  std::size_t length = 0;
  std::uint32_t bits = 0;
  std::uint32_t least = 0;
};

Lead lead_of(std::uint32_t first) {
  if (first < 0x80) return {1, first, 0};
  if ((first & 0xE0) == 0xC0) return {2, first & 0x1F, 0x80};
  if ((first & 0xF0) == 0xE0) return {3, first & 0x0F, 0x800};
  if ((first & 0xF8) == 0xF0) return {4, first & 0x07, 0x10000};
  return {};
}

std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

bool continues(std::string_view bytes, std::size_t at) {
  return (byte_at(bytes, at) & 0xC0) == 0x80;
}

// True for a character of three bytes, as most Chinese ones are. The same answer as
// code_point_at(), faster.
bool is_three_bytes(std::string_view bytes, std::size_t at) {
  if (bytes.size() - at < 3) return false;
  const auto byte = [&](std::size_t i) { return byte_at(bytes, at + i); };
  const std::uint32_t value = (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
  const bool is_shaped = (byte(0) & 0xF0) == 0xE0 && ((byte(1) | byte(2) << 8) & 0xC0C0) == 0x8080;
  return is_shaped && value >= 0x800 && (value < 0xD800 || value > 0xDFFF);
}

}  // namespace

CodePoint code_point_at(std::string_view text, std::size_t at) {
  const Lead lead = lead_of(byte_at(text, at));
  if (lead.length == 0 || at + lead.length > text.size()) return {};
  std::uint32_t value = lead.bits;
  for (std::size_t i = at + 1; i < at + lead.length; ++i) {
    if (!continues(text, i)) return {};
    value = (value << 6) | (byte_at(text, i) & 0x3F);
  }
  const bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < lead.least || value > 0x10FFFF || is_surrogate) return {};
  return {value, lead.length};
}

std::size_t utf8_prefix(std::string_view bytes) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080ULL;
  std::size_t at = 0;
  while (at < bytes.size()) {
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
    const CodePoint point = code_point_at(bytes, at);
    if (point.bytes == 0) return at;
    at += point.bytes;
  }
  return at;
}

bool is_utf8(std::string_view bytes) {
  return utf8_prefix(bytes) == bytes.size();
}

bool is_cut_character(std::string_view bytes) {
  if (bytes.empty() || bytes.size() >= lead_of(byte_at(bytes, 0)).length) return false;
  for (std::size_t i = 1; i < bytes.size(); ++i) {
    if (!continues(bytes, i)) return false;
  }
  return true;
}

void append_utf8(std::string& out, std::uint32_t value) {
  const auto push = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (value < 0x80) return push(value);
  if (value < 0x800) {
    push(0xC0 | value >> 6);
  } else if (value < 0x10000) {
    push(0xE0 | value >> 12);
    push(0x80 | (value >> 6 & 0x3F));
  } else {
    push(0xF0 | value >> 18);
    push(0x80 | (value >> 12 & 0x3F));
    push(0x80 | (value >> 6 & 0x3F));
  }
  push(0x80 | (value & 0x3F));
}

std::string repaired_utf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t good = utf8_prefix(text);
    out += text.substr(0, good);
    text.remove_prefix(good);
    if (text.empty()) break;
    append_utf8(out, 0xFFFD);
    text.remove_prefix(1);
  }
  return out;
}

std::string_view cut_utf8(std::string_view utf8, std::size_t max_bytes) {
  if (utf8.size() <= max_bytes) return utf8;
  std::size_t end = max_bytes;
  while (end > 0 && continues(utf8, end)) --end;
  return utf8.substr(0, end);
}

std::string code_point_name(std::uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof text, "U+%04X", static_cast<unsigned>(value));
  return text;
}

}  // namespace rootlet
