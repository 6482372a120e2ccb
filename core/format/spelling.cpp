// Small hand-written readers without locale.
#include "core/format/spelling.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "core/unicode/blank.hpp"

namespace rootlet {
namespace {

namespace chrono = std::chrono;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes 1 to `most` digits off the front.
std::optional<int> take_number(std::string_view& text, std::size_t least, std::size_t most) {
  int value = 0;
  std::size_t count = 0;
  while (count < most && count < text.size() && is_digit(text[count])) {
    value = value * 10 + (text[count++] - '0');
  }
  if (count < least) return std::nullopt;
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, std::string_view what) {
  if (!text.starts_with(what)) return false;
  text.remove_prefix(what.size());
  return true;
}

std::string two_digits(int value) {
  return {static_cast<char>('0' + value / 10), static_cast<char>('0' + value % 10)};
}

std::optional<chrono::sys_days> existing(int year, int month, int day) {
  const chrono::year_month_day date{chrono::year(year), chrono::month(static_cast<unsigned>(month)),
                                    chrono::day(static_cast<unsigned>(day))};
  if (year < 1 || !date.ok()) return std::nullopt;
  return chrono::sys_days(date);
}

std::string text_of(chrono::sys_days days) {
  const chrono::year_month_day date(days);
  const int year = static_cast<int>(date.year());
  return two_digits(year / 100) + two_digits(year % 100) + "-" +
         two_digits(static_cast<int>(static_cast<unsigned>(date.month()))) + "-" +
         two_digits(static_cast<int>(static_cast<unsigned>(date.day())));
}

// Takes a date off the front.
std::optional<chrono::sys_days> take_date(std::string_view& text) {
  const bool compact = text.size() >= 8 && std::all_of(text.begin(), text.begin() + 8, is_digit);
  const auto year = take_number(text, 4, 4);
  if (!year) return std::nullopt;
  std::string_view between, after;
  if (!compact) {
    for (const std::string_view sign : {"-", "/", ".", "年"}) {
      if (!take(text, sign)) continue;
      between = sign == "年" ? "月" : sign;
      after = sign == "年" ? "日" : "";
      break;
    }
    if (between.empty()) return std::nullopt;
  }
  const std::size_t least = compact ? 2 : 1;
  const auto month = take_number(text, least, 2);
  if (!month || !take(text, between)) return std::nullopt;
  const auto day = take_number(text, least, 2);
  if (!day || !take(text, after)) return std::nullopt;
  return existing(*year, *month, *day);
}

struct ClockTime {
  int hour = 0, minute = 0, second = 0;
};

std::optional<ClockTime> take_clock(std::string_view& text) {
  ClockTime time;
  const auto hour = take_number(text, 1, 2);
  if (!hour || !take(text, ":")) return std::nullopt;
  const auto minute = take_number(text, 2, 2);
  if (!minute) return std::nullopt;
  time.hour = *hour;
  time.minute = *minute;
  if (take(text, ":")) {
    const auto second = take_number(text, 2, 2);
    if (!second) return std::nullopt;
    time.second = *second;
  }
  if (time.hour > 23 || time.minute > 59 || time.second > 59) return std::nullopt;
  return time;
}

// The rest of a datetime: nothing (local), Z, or an offset of at most 14 hours.
std::optional<std::optional<chrono::minutes>> take_offset(std::string_view text) {
  if (text.empty()) return std::optional<chrono::minutes>();
  if (text == "Z" || text == "z") return std::optional(chrono::minutes(0));
  const int sign = text.front() == '-' ? -1 : 1;
  if (!take(text, "+") && !take(text, "-")) return std::nullopt;
  const auto hours = take_number(text, 2, 2);
  if (!hours || *hours > 14) return std::nullopt;
  take(text, ":");
  const auto minutes = text.empty() ? std::optional(0) : take_number(text, 2, 2);
  if (!minutes || *minutes > 59 || !text.empty()) return std::nullopt;
  return std::optional(chrono::minutes(sign * (*hours * 60 + *minutes)));
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// U+FF01..U+FF5E, the full-width forms of ASCII, are EF BC 81 .. EF BD 9E in UTF-8; 0 for any other
// character.
char plain_of_wide(std::string_view text, std::size_t at) {
  if (at + 2 >= text.size() || text[at] != '\xef') return 0;
  if (text[at + 1] != '\xbc' && text[at + 1] != '\xbd') return 0;
  const int low = static_cast<unsigned char>(text[at + 2]) - 0x80;
  const int code = (text[at + 1] == '\xbc' ? 0 : 0x40) + low;  // distance from U+FF00
  return code >= 0x01 && code <= 0x5E ? static_cast<char>(code + 0x20) : '\0';
}

}  // namespace

std::optional<bool> spelled_boolean(std::string_view text) {
  static constexpr std::array<std::string_view, 6> kTrue{"true", "yes", "y", "t", "1", "是"};
  static constexpr std::array<std::string_view, 6> kFalse{"false", "no", "n", "f", "0", "否"};
  if (text.size() > 5) return std::nullopt;
  const std::string word = lower(text);
  if (std::find(kTrue.begin(), kTrue.end(), word) != kTrue.end()) return true;
  if (std::find(kFalse.begin(), kFalse.end(), word) != kFalse.end()) return false;
  return std::nullopt;
}

std::optional<std::string> spelled_date(std::string_view text) {
  const auto date = take_date(text);
  if (!date || !text.empty()) return std::nullopt;
  return text_of(*date);
}

std::optional<std::string> spelled_datetime(std::string_view text) {
  const auto date = take_date(text);
  if (!date || (!take(text, "T") && !take(text, " "))) return std::nullopt;
  const auto clock = take_clock(text);
  if (!clock) return std::nullopt;
  const auto offset = take_offset(text);
  if (!offset) return std::nullopt;
  chrono::sys_seconds moment = *date + chrono::hours(clock->hour) + chrono::minutes(clock->minute) +
                               chrono::seconds(clock->second);
  if (*offset) moment -= **offset;
  const chrono::sys_days day = chrono::floor<chrono::days>(moment);
  if (day < chrono::sys_days(chrono::year(1) / 1 / 1)) return std::nullopt;
  const chrono::hh_mm_ss time(moment - day);
  return text_of(day) + (*offset ? "T" : " ") + two_digits(static_cast<int>(time.hours().count())) +
         ":" + two_digits(static_cast<int>(time.minutes().count())) + ":" +
         two_digits(static_cast<int>(time.seconds().count())) + (*offset ? "Z" : "");
}

std::string_view plain_code(std::string_view text, std::string& scratch) {
  const std::string_view trimmed = without_blank_ends(text);
  if (trimmed.find('\xef') == std::string_view::npos) return trimmed;
  scratch.clear();
  for (std::size_t i = 0; i < trimmed.size(); ++i) {
    const char plain = plain_of_wide(trimmed, i);
    scratch.push_back(plain != 0 ? plain : trimmed[i]);
    if (plain != 0) i += 2;
  }
  return scratch;
}

bool is_spreadsheet_number(std::string_view text) {
  constexpr int kFirstLossy = 11;  // spreadsheets show integers of 12 digits and more like this
  if (text.size() < 5 || !is_digit(text[0])) return false;
  const std::size_t sign = text.find("E+");
  if (sign == std::string_view::npos) return false;
  const std::string_view head = text.substr(1, sign - 1);
  const bool is_mantissa = head.empty() || (head[0] == '.' && head.size() > 1 &&
                                            std::all_of(head.begin() + 1, head.end(), is_digit));
  int exponent = 0;
  const std::string_view digits = text.substr(sign + 2);
  const auto [end, failed] =
      std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  return is_mantissa && failed == std::errc() && end == digits.data() + digits.size() &&
         exponent >= kFirstLossy;
}

Text spreadsheet_number_hint(std::string_view text) {
  const std::string shown(text.substr(0, 24));
  return {.en = "A spreadsheet turned a long number into " + shown +
                "; its last digits are lost there. Format the column as text, enter the numbers "
                "again or import them as text, and export once more.",
          .zh = "电子表格已把长号码变成 " + shown +
                "，后几位已丢失。请将该列设为“文本”格式，重新录入或以文本方式导入后再导出。"};
}

std::optional<std::string> date_of_day_number(std::string_view text) {
  // Day 1 is 1900-01-01, and there is a day 60 that never was; dates since March 1900 count from
  // 1899-12-30.
  constexpr int kFirst = 61, kLast = 99'999;
  int days = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), days);
  if (failed != std::errc() || end != text.data() + text.size() || text.size() != 5) {
    return std::nullopt;
  }
  if (days < kFirst || days > kLast) return std::nullopt;
  return text_of(chrono::sys_days(chrono::year(1899) / 12 / 30) + chrono::days(days));
}

bool has_number_comma(std::string_view text) {
  return text.find(',') != std::string_view::npos &&
         text.find_first_not_of("0123456789,.-") == std::string_view::npos;
}

}  // namespace rootlet
