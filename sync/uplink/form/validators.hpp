// Rules for single values with national standards: identity numbers, credit codes, division codes,
// phone numbers, dates, decimals. Pure. Uses no table of codes and rejects no abolished prefix:
// people keep the number they were born under.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace rootlet {

enum class IdCardFlaw { kNone, kLength, kCharacters, kDate, kChecksum };
// Citizen identity number, GB 11643: 17 digits, an existing birth date in digits 7 to 14, and the
// MOD 11-2 check character, an upper-case X for ten.
IdCardFlaw flaw_of_id_card(std::string_view text);

enum class UsccFlaw { kNone, kLength, kCharacters, kChecksum };
// Unified social credit code, GB 32100: 18 of 31 characters (no I O S V Z), weights 3^i mod 31.
UsccFlaw flaw_of_uscc(std::string_view text);

// 2, 4, 6, 9 or 12 digits (GB/T 2260, GB/T 10114, statistical codes).
bool is_division_code(std::string_view text);

// A mobile number, a landline with its area code (0571-8888888, extension after '-'), or 400/800.
bool is_phone(std::string_view text);

bool is_date(std::string_view text);  // YYYY-MM-DD that exists, year 1800 to 2999
// "YYYY-MM-DDThh:mm:ssZ", or local "YYYY-MM-DD hh:mm" with or without ":ss".
bool is_datetime(std::string_view text);

// The number times 10^scale; nullopt if it is not a plain decimal ("-12.50"), has more decimal
// places than `scale`, or does not fit in 64 bits.
std::optional<std::int64_t> scaled_decimal(std::string_view text, int scale);

}  // namespace rootlet
