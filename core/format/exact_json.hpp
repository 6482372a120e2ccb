// JSON whose numbers people or other programs wrote: they keep every digit.
#pragma once

#include <string_view>

#include "core/format/json.hpp"

namespace rootlet {

// Like parse_json(), but a number with a fraction or an exponent, or one that is too large for 64
// bits, becomes a string with the digits as written: 90071992547409.93 stays "90071992547409.93",
// and 1.5e3 becomes "1500". An exponent that would make more than 40 digits is left as written.
Result<json::value> parse_exact_json(std::string_view text, std::string_view what);

}  // namespace rootlet
