// Messages of errors in the reader's language. An error carries its message in English, and over
// the socket nothing else; the Chinese is found here, by templates of whole messages or of their
// parts between ": " (message_catalogue.hpp). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace rootlet {

// The Chinese of `message`, line by line: parts that no template knows stay as they are. Nothing if
// no part is known.
std::optional<std::string> chinese_message(std::string_view message);

// The message in `language`. One that the catalogue does not know has in Chinese its kind before
// it: "存储故障：…".
std::string error_text(const Error& error, Language language);

// What kind of failure a code is, in two or three words.
Text kind_text(ErrorCode code);

}  // namespace rootlet
