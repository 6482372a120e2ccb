// Calendar arithmetic is the standard library's; the check characters follow their standards.
#include "bench/tables/text.hpp"

#include <chrono>
#include <cstdio>

namespace rootlet::bench {
namespace {

template <typename... Arguments>
std::string printed(const char* format, Arguments... arguments) {
  char text[96];
  const int length = std::snprintf(text, sizeof text, format, arguments...);
  return std::string(text, static_cast<std::size_t>(length));
}

struct Date {
  int year;
  unsigned month, day;
};

Date civil(std::int32_t days) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  return {int(date.year()), unsigned(date.month()), unsigned(date.day())};
}

// 0 to 9, then A is 10 and Z is 35.
int letter_value(char c) {
  return c <= '9' ? c - '0' : c - 'A' + 10;
}

}  // namespace

std::string utf8(std::u16string_view text) {
  std::string result;
  for (const char16_t c : text) {
    result += static_cast<char>(0xE0 | (c >> 12));
    result += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    result += static_cast<char>(0x80 | (c & 0x3F));
  }
  return result;
}

std::string date_text(std::int32_t days) {
  const Date date = civil(days);
  return printed("%04d-%02u-%02u", date.year, date.month, date.day);
}

std::string month_text(std::int32_t days) {
  return date_text(days).substr(0, 7);
}

std::string time_text(std::int64_t seconds) {
  const int second = static_cast<int>(seconds % kDaySeconds);
  return date_text(static_cast<std::int32_t>(seconds / kDaySeconds)) +
         printed(" %02d:%02d:%02d", second / 3600, second / 60 % 60, second % 60);
}

std::string cents_text(std::int64_t cents) {
  const long long size = cents < 0 ? -cents : cents;
  return printed("%s%lld.%02lld", cents < 0 ? "-" : "", size / 100, size % 100);
}

std::string digits_text(std::uint64_t number, int digits) {
  return printed("%0*llu", digits, static_cast<unsigned long long>(number));
}

std::string identity_number(std::uint32_t area, std::int32_t birth_day, std::uint32_t sequence) {
  const Date birth = civil(birth_day);
  std::string number =
      printed("%06u%04d%02u%02u%03u", area, birth.year, birth.month, birth.day, sequence);
  number += identity_check(number);
  return number;
}

char identity_check(std::string_view digits17) {
  constexpr int kWeights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (std::size_t i = 0; i < 17; ++i) sum += (digits17[i] - '0') * kWeights[i];
  return "10X98765432"[sum % 11];
}

char organisation_check(std::string_view code8) {
  constexpr int kWeights[] = {3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (std::size_t i = 0; i < 8; ++i) sum += letter_value(code8[i]) * kWeights[i];
  return "0X987654321"[sum % 11];
}

char credit_check(std::string_view code17) {
  constexpr int kBase = 31;
  int sum = 0, weight = 1;
  for (std::size_t i = 0; i < 17; ++i, weight = weight * 3 % kBase) {
    sum += static_cast<int>(kCreditCharacters.find(code17[i])) * weight;
  }
  return kCreditCharacters[static_cast<std::size_t>((kBase - sum % kBase) % kBase)];
}

char account_check(std::string_view digits) {
  int sum = 0;
  bool doubled = true;  // the digit before the check digit
  for (std::size_t i = digits.size(); i-- > 0; doubled = !doubled) {
    const int digit = (digits[i] - '0') * (doubled ? 2 : 1);
    sum += digit / 10 + digit % 10;
  }
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}

}  // namespace rootlet::bench
