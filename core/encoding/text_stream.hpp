// Text from outside as a stream of strict UTF-8, in bounded memory.
//
// Takes a byte order mark off. Converts UTF-16 with a mark, and GB 18030 where the bytes are valid
// in nothing else; each conversion is reported. Refuses what is no text at all
// (file_kind.hpp), and bytes that do not fit the encoding, with the line. One thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "core/encoding/encoding.hpp"
#include "core/result.hpp"

namespace rootlet {

// Fills the beginning of `space` and returns the number of bytes; 0 at the end.
using TextSource = std::function<Result<std::size_t>(std::span<char> space)>;

struct TextStreamOptions {
  std::optional<TextEncoding> encoding = {};  // nullopt: recognised
  // Called on the thread that reads, if the text was recognised as another encoding than UTF-8.
  std::function<void(TextEncoding)> on_conversion = {};
};

// A source of UTF-8 over a source of bytes. Errors name `what` and the line; kBadInput, or the
// source's own.
TextSource utf8_source(TextSource bytes, std::string what, TextStreamOptions options = {});

}  // namespace rootlet
