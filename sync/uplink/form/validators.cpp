// Each rule is one hand-written function, without regular expressions, tables of codes or locale.
// Sources: GB 11643 (MOD 11-2), GB 32100 (weights 3^i mod 31), GB/T 2260 and 10114 for divisions.
#include "sync/uplink/form/validators.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

namespace rootlet {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

int number_of(std::string_view digits) {
  int number = 0;
  for (const char c : digits) number = number * 10 + (c - '0');
  return number;
}

bool date_exists(int year, int month, int day) {
  if (year < 1800 || year > 2999) return false;
  return std::chrono::year_month_day(std::chrono::year(year),
                                     std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day)))
      .ok();
}

bool is_clock_time(std::string_view text) {
  const bool seconds = text.size() == 8;
  if ((text.size() != 5 && !seconds) || text[2] != ':' || (seconds && text[5] != ':')) return false;
  if (!all_digits(text.substr(0, 2)) || !all_digits(text.substr(3, 2))) return false;
  if (seconds && (!all_digits(text.substr(6, 2)) || number_of(text.substr(6, 2)) > 59)) {
    return false;
  }
  return number_of(text.substr(0, 2)) < 24 && number_of(text.substr(3, 2)) < 60;
}

// A landline number after its area code: 7 or 8 digits, then an optional extension.
bool is_line_number(std::string_view text) {
  const std::size_t dash = text.find('-');
  const std::string_view number = text.substr(0, dash);
  if (!all_digits(number) || number.size() < 7 || number.size() > 8) return false;
  if (dash == std::string_view::npos) return true;
  const std::string_view extension = text.substr(dash + 1);
  return all_digits(extension) && extension.size() <= 6;
}

bool is_service_number(std::string_view text) {
  if (!text.starts_with("400") && !text.starts_with("800")) return false;
  std::string digits(text);
  std::erase(digits, '-');
  return digits.size() == 10 && all_digits(digits);
}

}  // namespace

IdCardFlaw flaw_of_id_card(std::string_view text) {
  static constexpr std::array<int, 17> kWeights = {7, 9, 10, 5,  8, 4, 2, 1, 6,
                                                   3, 7, 9,  10, 5, 8, 4, 2};
  static constexpr std::string_view kChecks = "10X98765432";
  if (text.size() != 18) return IdCardFlaw::kLength;
  if (!all_digits(text.substr(0, 17))) return IdCardFlaw::kCharacters;
  if (!is_digit(text[17]) && text[17] != 'X') return IdCardFlaw::kCharacters;
  if (!date_exists(number_of(text.substr(6, 4)), number_of(text.substr(10, 2)),
                   number_of(text.substr(12, 2)))) {
    return IdCardFlaw::kDate;
  }
  int sum = 0;
  for (std::size_t i = 0; i < kWeights.size(); ++i) sum += kWeights[i] * (text[i] - '0');
  return text[17] == kChecks[static_cast<std::size_t>(sum % 11)] ? IdCardFlaw::kNone
                                                                 : IdCardFlaw::kChecksum;
}

UsccFlaw flaw_of_uscc(std::string_view text) {
  static constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  if (text.size() != 18) return UsccFlaw::kLength;
  std::size_t sum = 0;
  std::size_t weight = 1;
  for (std::size_t i = 0; i < 17; ++i) {
    const std::size_t value = kAlphabet.find(text[i]);
    if (value == std::string_view::npos) return UsccFlaw::kCharacters;
    sum += value * weight;
    weight = weight * 3 % 31;
  }
  const std::size_t check = kAlphabet.find(text[17]);
  if (check == std::string_view::npos) return UsccFlaw::kCharacters;
  return check == (31 - sum % 31) % 31 ? UsccFlaw::kNone : UsccFlaw::kChecksum;
}

bool is_division_code(std::string_view text) {
  const std::size_t n = text.size();
  return all_digits(text) && (n == 2 || n == 4 || n == 6 || n == 9 || n == 12);
}

bool is_phone(std::string_view text) {
  if (text.size() == 11 && all_digits(text) && text[0] == '1' && text[1] >= '3') return true;
  if (is_service_number(text)) return true;
  if (text.empty() || text[0] != '0') return false;
  for (const std::size_t area : {3U, 4U}) {
    if (text.size() <= area || !all_digits(text.substr(0, area)) || text[1] == '0') continue;
    const std::string_view rest = text.substr(text[area] == '-' ? area + 1 : area);
    if (is_line_number(rest)) return true;
  }
  return false;
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const std::string_view year = text.substr(0, 4), month = text.substr(5, 2), day = text.substr(8);
  return all_digits(year) && all_digits(month) && all_digits(day) &&
         date_exists(number_of(year), number_of(month), number_of(day));
}

bool is_datetime(std::string_view text) {
  if (text.size() < 16 || !is_date(text.substr(0, 10))) return false;
  if (text[10] == 'T') {
    return text.size() == 20 && text[19] == 'Z' && is_clock_time(text.substr(11, 8));
  }
  return text[10] == ' ' && is_clock_time(text.substr(11));
}

std::optional<std::int64_t> scaled_decimal(std::string_view text, int scale) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view places =
      point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  if (!all_digits(whole) || (point != std::string_view::npos && !all_digits(places))) return {};
  if (places.size() > static_cast<std::size_t>(scale)) return {};
  std::string digits = std::string(whole) + std::string(places);
  digits.append(static_cast<std::size_t>(scale) - places.size(), '0');
  std::int64_t number = 0;
  for (const char c : digits) {
    if (__builtin_mul_overflow(number, std::int64_t{10}, &number) ||
        __builtin_add_overflow(number, std::int64_t{c - '0'}, &number)) {
      return {};
    }
  }
  return negative ? -number : number;
}

}  // namespace rootlet
