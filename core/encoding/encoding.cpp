// GB 18030 accepts most pairs of bytes, damaged UTF-8 among them, so the guess counts evidence.
#include "core/encoding/encoding.hpp"

#include "core/unicode/utf8.hpp"

namespace rootlet {
namespace {

// What the bytes would be as GB 18030 (GB 18030-2022, one, two or four bytes a character).
struct GbCount {
  bool is_formed = true;
  std::size_t common = 0;  // characters of GB 2312, as nearly all of a Chinese text is
  std::size_t other = 0;
};

bool is_within(std::string_view text, std::size_t at, unsigned from, unsigned to) {
  if (at >= text.size()) return false;
  const auto byte = static_cast<unsigned char>(text[at]);
  return byte >= from && byte <= to;
}

// Bytes of the GB 18030 character at `at`; 0 if there is none.
std::size_t gb_length(std::string_view text, std::size_t at) {
  if (is_within(text, at, 0x00, 0x7F)) return 1;
  if (!is_within(text, at, 0x81, 0xFE)) return 0;
  if (is_within(text, at + 1, 0x40, 0x7E) || is_within(text, at + 1, 0x80, 0xFE)) return 2;
  const bool is_four = is_within(text, at + 1, 0x30, 0x39) && is_within(text, at + 2, 0x81, 0xFE) &&
                       is_within(text, at + 3, 0x30, 0x39);
  return is_four ? 4 : 0;
}

GbCount count_gb(std::string_view sample, bool is_whole) {
  GbCount count;
  for (std::size_t at = 0; at < sample.size();) {
    const std::size_t length = gb_length(sample, at);
    if (length == 0) {
      count.is_formed = !is_whole && at + 4 > sample.size();
      return count;
    }
    const bool is_common =
        length == 2 && is_within(sample, at, 0xA1, 0xF7) && is_within(sample, at + 1, 0xA1, 0xFE);
    if (length > 1) ++(is_common ? count.common : count.other);
    at += length;
  }
  return count;
}

// True if at least as many characters are well-formed UTF-8 of three or four bytes as bytes are not
// UTF-8. In a text of GB 18030 hardly any are.
bool is_mostly_utf8(std::string_view sample) {
  std::size_t good = 0, bad = 0;
  for (std::size_t at = 0; at < sample.size();) {
    const CodePoint point = code_point_at(sample, at);
    good += point.bytes >= 3 ? 1 : 0;
    bad += point.bytes == 0 ? 1 : 0;
    at += point.bytes == 0 ? 1 : point.bytes;
  }
  return good > 0 && good >= bad;
}

}  // namespace

std::string_view name_of(TextEncoding encoding) {
  return kEncodingNames[static_cast<std::size_t>(encoding)];
}

std::optional<TextEncoding> encoding_named(std::string_view name) {
  for (std::size_t i = 0; i < kEncodingNames.size(); ++i) {
    if (kEncodingNames[i] == name) return static_cast<TextEncoding>(i);
  }
  return std::nullopt;
}

std::optional<TextEncoding> guess_encoding(std::string_view sample, bool is_whole) {
  const std::string_view rest = sample.substr(utf8_prefix(sample));
  if (rest.empty() || (!is_whole && is_cut_character(rest))) return TextEncoding::kUtf8;
  if (is_mostly_utf8(sample)) return TextEncoding::kUtf8;
  const GbCount gb = count_gb(sample, is_whole);
  if (gb.is_formed && gb.common >= gb.other && gb.common > 0) return TextEncoding::kGb18030;
  return std::nullopt;
}

Text conversion_notice(TextEncoding encoding, std::string_view what) {
  const std::string name(what);
  if (encoding != TextEncoding::kGb18030) {
    return {.en = name + ": read as UTF-16. Save it as UTF-8 to avoid this note.",
            .zh = name + "：已按 UTF-16 读取。另存为 UTF-8 后不再提示。"};
  }
  return {
      .en = name +
            ": read as GB 18030 (GBK) because it is not UTF-8. Check a few names in the result; "
            "--encoding gb18030, or saving the file as UTF-8, makes this certain.",
      .zh = name +
            "：不是 UTF-8，已按 GB 18030（GBK）读取。请核对几个姓名；指定 --encoding gb18030 "
            "或将文件另存为 UTF-8 可避免误读。"};
}

}  // namespace rootlet
