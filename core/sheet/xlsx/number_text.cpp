#include "core/sheet/xlsx/number_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>

namespace rootlet {
namespace {

constexpr double kMostExact = 1e15;     // fifteen digits
constexpr double kLastDay = 2'958'465;  // 9999-12-31
constexpr double kDays1904 = 1'462;
constexpr double kSecondsOfDay = 86'400;
constexpr std::uint8_t kMostDigits = 15;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// The letters and signs of a format's first part that mean something: without quoted text,
// escaped characters, padding and brackets, but for those of elapsed time ("[h]" gives 'H').
std::string meaning_of(std::string_view code) {
  std::string out;
  for (std::size_t i = 0; i < code.size() && code[i] != ';'; ++i) {
    const char c = code[i];
    if (c == '"') {
      i = std::min(code.find('"', i + 1), code.size() - 1);
    } else if (c == '\\' || c == '_' || c == '*') {
      ++i;
    } else if (c == '[') {
      const std::size_t end = std::min(code.find(']', i), code.size() - 1);
      const char first = i + 1 < code.size() ? lower(code[i + 1]) : ']';
      const bool is_elapsed =
          end > i + 1 && (first == 'h' || first == 'm' || first == 's') &&
          code.substr(i + 1, end - i - 1).find_first_not_of("hHmMsS") == std::string_view::npos;
      if (is_elapsed) out += 'H';
      i = end;
    } else {
      out += lower(c);
    }
  }
  return out;
}

std::string shortest_decimal(double value) {
  std::array<char, 40> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.14e", value);
  const std::string_view all(buffer.data());
  const std::size_t mark = all.find('e');
  int exponent = 0;
  const char* from = all.data() + mark + (all[mark + 1] == '+' ? 2 : 1);
  std::from_chars(from, all.data() + all.size(), exponent);
  std::string digits;
  for (const char c : all.substr(0, mark)) {
    if (c >= '0' && c <= '9') digits += c;
  }
  while (digits.size() > 1 && digits.back() == '0') digits.pop_back();
  std::string out = value < 0 ? "-" : "";
  if (exponent < 0)
    return out + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  const auto whole = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() <= whole) return out + digits + std::string(whole - digits.size(), '0');
  return out + digits.substr(0, whole) + "." + digits.substr(whole);
}

std::string two(long value) {
  return (value < 10 ? "0" : "") + std::to_string(value);
}

std::string clock_text(long seconds) {
  return two(seconds / 3600) + ":" + two(seconds / 60 % 60) + ":" + two(seconds % 60);
}

std::string date_text(long days) {
  // Day 1 is 1900-01-01; Excel counts 1900-02-29, which never was, as day 60.
  const std::chrono::sys_days start = std::chrono::year{1899} / 12 / 30;
  const std::chrono::year_month_day day(start + std::chrono::days(days < 60 ? days + 1 : days));
  return std::to_string(static_cast<int>(day.year())) + "-" +
         two(static_cast<long>(static_cast<unsigned>(day.month()))) + "-" +
         two(static_cast<long>(static_cast<unsigned>(day.day())));
}

NumberText refused(std::string en, std::string zh, std::string en_rule, std::string zh_rule) {
  return {.text = {},
          .problem =
              NumberProblem{std::move(en), std::move(zh), std::move(en_rule), std::move(zh_rule)}};
}

NumberText dated(double value, NumberFormat::Kind kind) {
  using enum NumberFormat::Kind;
  if (value < 0 || value >= kLastDay + 1) {
    return refused("the number is no date or time", "数字不是有效的日期或时间",
                   "Dates go from 1900 to 9999.", "日期范围为 1900 年至 9999 年。");
  }
  long days = static_cast<long>(value);
  long seconds = std::lround((value - static_cast<double>(days)) * kSecondsOfDay);
  if (kind == kElapsed) return {clock_text(days * 86'400 + seconds)};
  if (seconds == 86'400) {
    ++days;
    seconds = 0;
  }
  if (kind == kTime) return {clock_text(seconds)};
  if (days == 0 || days == 60 || days > static_cast<long>(kLastDay)) {
    return refused("the number is a day that never was", "数字对应的日期不存在",
                   "Dates go from 1900 to 9999; 1900 had no 29 February.",
                   "日期范围为 1900 年至 9999 年，1900 年没有 2 月 29 日。");
  }
  return {kind == kDate ? date_text(days) : date_text(days) + "T" + clock_text(seconds)};
}

}  // namespace

NumberFormat format_of_code(std::string_view code) {
  using enum NumberFormat::Kind;
  const std::string meaning = meaning_of(code);
  if (meaning.find("general") != std::string::npos) return {};
  const auto has = [&](const char* letters) {
    return meaning.find_first_of(letters) != std::string::npos;
  };
  const bool date = has("yd"), time = has("hs");
  if (date) return {time ? kDateTime : kDate};
  if (has("H")) return {kElapsed};
  if (time) return {kTime};
  if (has("m")) return {kDate};
  const bool zeros = meaning.size() > 1 && meaning.find_first_not_of('0') == std::string::npos;
  if (!zeros) return {};
  return {kNumber, static_cast<std::uint8_t>(std::min<std::size_t>(meaning.size(), kMostDigits))};
}

NumberFormat format_of_id(std::uint32_t id) {
  using enum NumberFormat::Kind;
  if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id == 36) return {kDate};
  if ((id >= 50 && id <= 54) || id == 57 || id == 58) return {kDate};
  if ((id >= 18 && id <= 21) || id == 45 || id == 47) return {kTime};
  if ((id >= 32 && id <= 35) || id == 55 || id == 56) return {kTime};
  if (id == 22) return {kDateTime};
  return id == 46 ? NumberFormat{kElapsed} : NumberFormat{};
}

NumberText number_text(std::string_view raw, NumberFormat format, DateSystem system) {
  if (raw.starts_with('+')) raw.remove_prefix(1);
  double value = 0;
  const auto [end, problem] = std::from_chars(raw.data(), raw.data() + raw.size(), value);
  const bool whole = end == raw.data() + raw.size() && std::isfinite(value);
  if (!whole || problem != std::errc()) {
    return refused("the file holds no number here", "此处不是有效数字",
                   "Open it in a spreadsheet and save it again.", "请用表格软件打开后重新保存。");
  }
  if (format.kind != NumberFormat::Kind::kNumber) {
    const bool has_day =
        format.kind == NumberFormat::Kind::kDate || format.kind == NumberFormat::Kind::kDateTime;
    const bool later = has_day && system == DateSystem::k1904;
    return dated(value + (later ? kDays1904 : 0), format.kind);
  }
  if (std::abs(value) >= kMostExact) {
    return refused("the spreadsheet has rounded this number", "数字超过 15 位，已被表格软件舍入",
                   "Format the column as text, then type the number again.",
                   "请将该列设为文本格式，再重新输入。");
  }
  std::string text = value == 0 ? "0" : shortest_decimal(value);
  const bool pads = format.digits > text.size() && text.find_first_of("-.") == std::string::npos;
  if (pads) text.insert(0, format.digits - text.size(), '0');
  return {std::move(text)};
}

}  // namespace rootlet
