// UTF-16 by hand, GB 18030 by the C library.
#include "platform/source/databases/odbc/odbc_text.hpp"

#include <iconv.h>

#include <memory>

#include "core/unicode/utf8.hpp"

namespace rootlet::platform {
namespace {

bool is_high(char16_t unit) {
  return unit >= 0xD800 && unit < 0xDC00;
}
bool is_low(char16_t unit) {
  return unit >= 0xDC00 && unit < 0xE000;
}

// Adds the ASCII at the beginning of `text`; returns its length.
std::size_t append_ascii(std::string& utf8, std::u16string_view text) {
  std::size_t units = 0;
  while (units < text.size() && text[units] < 0x80) ++units;
  const std::size_t before = utf8.size();
  utf8.resize(before + units);
  for (std::size_t i = 0; i < units; ++i) utf8[before + i] = static_cast<char>(text[i]);
  return units;
}

bool convert(const char* to, const char* from, std::string& text) {
  const iconv_t closed = reinterpret_cast<iconv_t>(-1);
  const iconv_t handle = ::iconv_open(to, from);
  if (handle == closed) return false;
  std::string out(4 * text.size() + 16, '\0');  // more than any character can grow
  char* source = text.data();
  char* space = out.data();
  std::size_t left = text.size(), room = out.size();
  const std::size_t failed = static_cast<std::size_t>(-1);
  const bool is_good = ::iconv(handle, &source, &left, &space, &room) != failed && left == 0;
  ::iconv_close(handle);
  out.resize(out.size() - room);
  text = std::move(out);
  return is_good;
}

}  // namespace

bool append_utf16(std::string& utf8, std::u16string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char16_t unit = text[i];
    if (unit < 0x80) {
      i += append_ascii(utf8, text.substr(i)) - 1;
    } else if (!is_high(unit) && !is_low(unit)) {
      append_utf8(utf8, unit);
    } else {
      if (is_low(unit) || i + 1 == text.size() || !is_low(text[i + 1])) return false;
      const std::uint32_t high = unit - 0xD800U, low = text[++i] - 0xDC00U;
      append_utf8(utf8, 0x10000 + (high << 10 | low));
    }
  }
  return true;
}

bool to_utf16(std::string_view utf8, std::u16string& out) {
  for (std::size_t at = 0; at < utf8.size();) {
    const CodePoint point = code_point_at(utf8, at);
    if (point.bytes == 0) return false;
    at += point.bytes;
    if (point.value < 0x10000) {
      out.push_back(static_cast<char16_t>(point.value));
    } else {
      out.push_back(static_cast<char16_t>(0xD800 + ((point.value - 0x10000) >> 10)));
      out.push_back(static_cast<char16_t>(0xDC00 + ((point.value - 0x10000) & 0x3FF)));
    }
  }
  return true;
}

bool decode_text(TextEncoding encoding, std::string& bytes) {
  return encoding == TextEncoding::kUtf8 ? is_utf8(bytes) : convert("UTF-8", "GB18030", bytes);
}

bool encode_text(TextEncoding encoding, std::string& utf8) {
  return encoding == TextEncoding::kUtf8 ? is_utf8(utf8) : convert("GB18030", "UTF-8", utf8);
}

}  // namespace rootlet::platform
