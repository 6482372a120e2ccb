// Texts on their way to and from an ODBC driver: UTF-16, or the bytes of a driver that knows one
// encoding only. Strict in both directions. Pure.
#pragma once

#include <string>
#include <string_view>

#include "core/encoding/encoding.hpp"

namespace rootlet::platform {

// Adds UTF-16 in this machine's byte order to `utf8`; false if a surrogate has no other half.
bool append_utf16(std::string& utf8, std::u16string_view text);
// False if `utf8` is not well-formed.
bool to_utf16(std::string_view utf8, std::u16string& out);

// Between UTF-8 and `encoding`, which is kUtf8 or kGb18030; false if something has no counterpart.
bool decode_text(TextEncoding encoding, std::string& bytes);
bool encode_text(TextEncoding encoding, std::string& utf8);

}  // namespace rootlet::platform
