// UTF-8 (RFC 3629) by code points: strict decoding, encoding, the repair and the cutting of text.
// Pure; knows no other room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace rootlet {

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t bytes = 0;  // 0: not well-formed
};

// The code point whose bytes begin at `at`, which must be inside `text`.
CodePoint code_point_at(std::string_view text, std::size_t at);

// True if `bytes` is well-formed UTF-8 (no surrogates, no overlong forms).
bool is_utf8(std::string_view bytes);

// The number of bytes at the beginning of `bytes` that are well-formed UTF-8.
std::size_t utf8_prefix(std::string_view bytes);

// True if `bytes` only begins a character: more bytes could make it well-formed.
bool is_cut_character(std::string_view bytes);

void append_utf8(std::string& out, std::uint32_t value);

// `text` with U+FFFD in place of each byte that is not well-formed UTF-8.
std::string repaired_utf8(std::string_view text);

// The beginning of `utf8`, at most `max_bytes` long, without a part of a character.
std::string_view cut_utf8(std::string_view utf8, std::size_t max_bytes);

// "U+00A0"
std::string code_point_name(std::uint32_t value);

}  // namespace rootlet
