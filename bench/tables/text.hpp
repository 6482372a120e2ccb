// Cells of the invented tables as text: dates, times, amounts, and the numbers that carry a check
// character. Shared by all generators.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rootlet::bench {

inline constexpr std::int64_t kDaySeconds = 86'400;

// Of characters that take three bytes in UTF-8, as all Chinese ones here do.
std::string utf8(std::u16string_view text);

std::string date_text(std::int32_t days);     // 2026-01-31; days since 1970
std::string month_text(std::int32_t days);    // 2026-01
std::string time_text(std::int64_t seconds);  // 2026-01-31 08:00:00; seconds since 1970, local
std::string cents_text(std::int64_t cents);   // 1234.50
std::string digits_text(std::uint64_t number, int digits);  // with leading zeros

// An identity number (GB 11643): area, birth date, sequence number, check character.
std::string identity_number(std::uint32_t area, std::int32_t birth_day, std::uint32_t sequence);
// The check character of the first 17 digits of an identity number.
char identity_check(std::string_view digits17);

// The check character of an organisation code (GB 11714) of 8 digits and capital letters.
char organisation_check(std::string_view code8);
// The check character of the first 17 characters of a unified social credit code (GB 32100).
char credit_check(std::string_view code17);
// The digits and letters of a unified social credit code, in order of their values.
inline constexpr std::string_view kCreditCharacters = "0123456789ABCDEFGHJKLMNPQRTUWXY";

// The last digit of a bank account (ISO/IEC 7812, Luhn).
char account_check(std::string_view digits);

}  // namespace rootlet::bench
