// Percent-encoding of RFC 3986, section 2.1, for URLs and for file names made from foreign names.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rootlet {

// Keeps the unreserved characters (letters, digits, '-', '.', '_', '~') and those in `keep`;
// encodes every other byte as '%' and two upper-case hexadecimal digits.
std::string percent_encode(std::string_view text, std::string_view keep = "");

// Nothing if a '%' is not followed by two hexadecimal digits of either case. The result may hold
// any byte, NUL and '/' included: the caller checks what it allows.
std::optional<std::string> percent_decode(std::string_view text);

// Whether `text` begins with '%' and two hexadecimal digits.
bool starts_with_escape(std::string_view text);

}  // namespace rootlet
