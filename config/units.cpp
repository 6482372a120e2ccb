// Quantities as people write them: 500M, 100k, 30s, 22:00-06:00.
#include "config/units.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace rootlet {
namespace {

// The digits at the start of `text`, and what follows them.
struct Quantity {
  std::uint64_t number = 0;
  std::string_view unit;
};

// In milliseconds, smallest first.
constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> kDurationUnits{
    {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};

constexpr std::array<std::pair<std::string_view, std::uint64_t>, 4> kByteUnits{
    {{"", 1}, {"k", 1'000}, {"M", 1'000'000}, {"G", 1'000'000'000}}};

constexpr std::uint64_t kMost = 10'000'000'000;  // far beyond use; keeps products in 64 bits

bool split_quantity(std::string_view text, Quantity& out) {
  const char* end = text.data() + text.size();
  const auto [rest, failed] = std::from_chars(text.data(), end, out.number);
  out.unit = std::string_view(rest, static_cast<std::size_t>(end - rest));
  return failed == std::errc() && out.number <= kMost;
}

}  // namespace

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  Quantity quantity;
  if (split_quantity(text, quantity)) {
    for (const auto& [name, unit_ms] : kDurationUnits) {
      if (name == quantity.unit) {
        return std::chrono::milliseconds(static_cast<std::int64_t>(quantity.number) * unit_ms);
      }
    }
  }
  return bad_input(
      "'" + std::string(text) + "' is not a duration such as 500ms, 30s, 5m, 2h or 1d", "duration",
      {.en = "a whole number and ms, s, m, h or d", .zh = "整数加单位 ms、s、m、h 或 d"});
}

std::string format_duration(std::chrono::milliseconds duration) {
  const std::int64_t count = duration.count();
  for (auto unit = kDurationUnits.rbegin(); unit != kDurationUnits.rend(); ++unit) {
    if (count != 0 && count % unit->second == 0) {
      return std::to_string(count / unit->second) + std::string(unit->first);
    }
  }
  return "0s";
}

namespace {

constexpr int kMinutesOfHour = 60, kHoursOfDay = 24;

// "22:00"; 24:00 is the end of a day.
bool read_minute(std::string_view text, int& out) {
  int hour = 0, minute = 0;
  if (text.size() != 5 || text[2] != ':') return false;
  const auto h = std::from_chars(text.data(), text.data() + 2, hour);
  const auto m = std::from_chars(text.data() + 3, text.data() + 5, minute);
  if (h.ptr != text.data() + 2 || m.ptr != text.data() + 5) return false;
  out = hour * kMinutesOfHour + minute;
  return minute >= 0 && minute < kMinutesOfHour && hour >= 0 && out <= kHoursOfDay * kMinutesOfHour;
}

bool read_window(std::string_view text, DayWindow& out) {
  const std::size_t dash = text.find('-');
  return dash != std::string_view::npos && read_minute(text.substr(0, dash), out.from) &&
         read_minute(text.substr(dash + 1), out.to) && out.from != out.to;
}

}  // namespace

Result<std::vector<DayWindow>> parse_day_windows(std::string_view text) {
  std::vector<DayWindow> windows;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    DayWindow window;
    if (!read_window(rest.substr(0, comma), window)) {
      return bad_input("'" + std::string(text) + "' is not a list of hours such as 22:00-06:00",
                       "hours",
                       {.en = "hh:mm-hh:mm, several with commas, by this machine's clock",
                        .zh = "hh:mm-hh:mm，多段以逗号分隔，按本机时间"});
    }
    windows.push_back(window);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return windows;
}

namespace {

// With k, M or G; nullopt if it is anything else or more than SQLite can store.
std::optional<std::uint64_t> read_bytes(std::string_view text) {
  Quantity quantity;
  if (!split_quantity(text, quantity)) return std::nullopt;
  for (const auto& [name, unit] : kByteUnits) {
    if (name == quantity.unit && quantity.number <= INT64_MAX / unit) return quantity.number * unit;
  }
  return std::nullopt;
}

}  // namespace

Result<std::uint64_t> parse_byte_count(std::string_view text) {
  if (const auto bytes = read_bytes(text)) return *bytes;
  return bad_input("'" + std::string(text) + "' is not a number of bytes such as 500M or 2G",
                   "bytes", {.en = "a whole number, with k, M or G", .zh = "整数，可用 k、M 或 G"});
}

Result<std::uint64_t> parse_byte_rate(std::string_view text) {
  if (const auto bytes = read_bytes(text)) return *bytes;
  return bad_input("'" + std::string(text) + "' is not a rate such as 20000, 100k or 1M", "rate",
                   {.en = "bytes per second, with k, M or G", .zh = "每秒字节数，可用 k、M 或 G"});
}

}  // namespace rootlet
