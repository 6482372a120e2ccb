// The only file that includes utf8proc (Unicode normalization forms, UAX 15; case folding).
#include "core/unicode/fold.hpp"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>

#include "core/unicode/utf8.hpp"

namespace rootlet {
namespace {

constexpr std::string_view kDot = "\xc2\xb7";  // U+00B7, as in 阿不都·热合曼

bool is_dot(std::uint32_t c) {
  return c == 0x2022 || c == 0x2027 || c == 0x2219 || c == 0x22C5 || c == 0x30FB || c == 0x2E31;
}

// Most texts are: ASCII without capitals, and common Chinese characters.
bool is_folded_already(std::string_view utf8) {
  for (std::size_t at = 0; at < utf8.size();) {
    const CodePoint point = code_point_at(utf8, at);
    if (point.bytes == 0) return false;
    const bool plain = point.value < 0x80 ? (point.value < 'A' || point.value > 'Z')
                                          : point.value >= 0x4E00 && point.value <= 0x9FFF;
    if (!plain) return false;
    at += point.bytes;
  }
  return true;
}

std::string with_one_dot(std::string_view utf8) {
  std::string out;
  for (std::size_t at = 0; at < utf8.size();) {
    const CodePoint point = code_point_at(utf8, at);
    const std::size_t bytes = point.bytes == 0 ? 1 : point.bytes;
    out += is_dot(point.value) ? kDot : utf8.substr(at, bytes);
    at += bytes;
  }
  return out;
}

}  // namespace

std::string folded(std::string_view utf8) {
  if (is_folded_already(utf8)) return std::string(utf8);
  utf8proc_uint8_t* mapped = nullptr;
  const auto options = static_cast<utf8proc_option_t>(
      UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(utf8.data()),
                   static_cast<utf8proc_ssize_t>(utf8.size()), &mapped, options);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  if (size < 0) return std::string(utf8);
  return with_one_dot({reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size)});
}

}  // namespace rootlet
