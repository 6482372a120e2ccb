// Texts that stand for numbers: dates, times, identity numbers (docs/FORMATS.md, "Column codes").
// Pure and strict: a text has a form only if writing its numbers reproduces every byte. A parser
// returns nullopt for any other text; a writer appends to `out`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rootlet {

inline constexpr std::int64_t kFirstDay = -719'528;  // 0000-01-01, in days since 1970-01-01
inline constexpr std::int64_t kLastDay = 2'932'896;  // 9999-12-31
inline constexpr std::int64_t kDaySeconds = 86'400;

// "2025-06-01", or "20250601" without dashes. The values are part of the format.
enum class DateForm : std::uint8_t { kDashes = 0, kPlain = 1 };
std::optional<std::int64_t> day_of_date(std::string_view text, DateForm form);
void write_date(std::int64_t day, DateForm form, std::string& out);  // day in range

// "2025-06-01 08:30:00": a blank or "T" between date and time, "Z" or nothing at the end.
struct TimeForm {
  bool with_t = false, with_z = false;
};
struct Moment {
  std::int64_t day = 0, second = 0;  // days since 1970-01-01; second of the day
};
std::optional<TimeForm> time_form_of(std::string_view text);
std::optional<Moment> moment_of(std::string_view text, TimeForm form);
void write_moment(Moment moment, TimeForm form, std::string& out);

// An identity number (GB 11643): area, birth date, sequence number, check character.
struct Identity {
  std::int64_t area = 0;   // six digits
  std::int64_t day = 0;    // of birth, in days since 1970-01-01
  std::int64_t order = 0;  // sequence number, three digits
};
std::optional<Identity> identity_of(std::string_view text);
void write_identity(Identity identity, std::string& out);

// A unified social credit code (GB 32100): two characters of authority and category, an area, the
// organisation code (GB 11714) with its check character, and a check character of the whole.
struct CreditCode {
  std::int64_t kind = 0;    // the first two characters, in base 31
  std::int64_t area = 0;    // six digits
  std::int64_t number = 0;  // the organisation code without its check: eight digits, or kDigitCodes
                            // and above, eight characters in base 31
};
inline constexpr std::int64_t kCreditKinds = 31 * 31, kDigitCodes = 100'000'000,
                              kCreditNumbers = kDigitCodes + 852'891'037'441;  // 31^8
std::optional<CreditCode> credit_code_of(std::string_view text);
void write_credit_code(CreditCode code, std::string& out);

// The day of a text in any of these forms (an identity number gives the birth date).
std::optional<std::int64_t> day_in(std::string_view text);

// The code point that starts at byte `at`; moves `at` past it. Requires UTF-8.
std::uint32_t next_character(std::string_view text, std::size_t& at);

}  // namespace rootlet
