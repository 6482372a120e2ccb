// The encodings that text from outside may have, and the guess which one it has. Pure.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "core/result.hpp"

namespace rootlet {

enum class TextEncoding { kUtf8, kGb18030, kUtf16Le, kUtf16Be };

inline constexpr std::array<std::string_view, 4> kEncodingNames = {"utf-8", "gb18030", "utf-16le",
                                                                   "utf-16be"};
std::string_view name_of(TextEncoding encoding);
std::optional<TextEncoding> encoding_named(std::string_view name);

// The encoding of text whose first byte that is not ASCII is the first of `sample`. A sample that
// is mostly UTF-8 is UTF-8 with damage, which its reader names. Nullopt: neither UTF-8 nor
// GB 18030. `is_whole` is false if the text goes on behind the sample.
std::optional<TextEncoding> guess_encoding(std::string_view sample, bool is_whole);

// Tells the operator that `what` was converted from `encoding`, which was recognised.
Text conversion_notice(TextEncoding encoding, std::string_view what);

}  // namespace rootlet
