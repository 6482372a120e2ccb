// A whole text file that a person hands over: settings, an invitation, a definition, a record,
// passphrases. Every reader of such a file goes through here.
//
// The result is UTF-8 without a byte order mark and with LF line ends. UTF-16 with a byte order
// mark is converted, with a notice. What else is not UTF-8 is refused in one sentence that says
// what it is and what to do; NUL and other control characters are named with line and column.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/encoding/text_stream.hpp"
#include "core/result.hpp"

namespace rootlet {

struct PlainText {
  std::string text;
  Text notice = {};  // for the operator; empty if there is none
};

// At most `max_bytes`. kStorage if the file cannot be read, kBadInput for its content.
Result<PlainText> read_plain_text(const std::filesystem::path& path, std::size_t max_bytes);

// The same of standard input.
Result<PlainText> read_plain_input(std::size_t max_bytes);

// The same of bytes at hand. `what` names them in errors.
Result<PlainText> decode_plain_text(std::string bytes, std::string_view what);

// The file `path` as bytes, for utf8_source() or as they are; kStorage if it does not open.
Result<TextSource> open_bytes(const std::filesystem::path& path);
// Standard input as bytes.
TextSource input_bytes();

}  // namespace rootlet
