#include "config/units.hpp"

#include <charconv>

namespace rootlet {
namespace {

// The digits at the start of `text`, and what follows them.
struct Quantity {
  std::uint64_t number = 0;
  std::string_view unit;
};

constexpr std::uint64_t kMost = 1'000'000'000'000;  // far beyond use; keeps products in 64 bits

bool split_quantity(std::string_view text, Quantity& out) {
  const char* end = text.data() + text.size();
  const auto [rest, failed] = std::from_chars(text.data(), end, out.number);
  out.unit = std::string_view(rest, static_cast<std::size_t>(end - rest));
  return failed == std::errc() && out.number <= kMost;
}

}  // namespace

Result<std::chrono::seconds> parse_duration(std::string_view text) {
  Quantity quantity;
  std::int64_t unit_s = 0;
  if (split_quantity(text, quantity) && quantity.unit.size() == 1) {
    switch (quantity.unit.front()) {
      case 's':
        unit_s = 1;
        break;
      case 'm':
        unit_s = 60;
        break;
      case 'h':
        unit_s = 3600;
        break;
      case 'd':
        unit_s = 86400;
        break;
      default:
        break;
    }
  }
  if (unit_s == 0) {
    return bad_input("'" + std::string(text) + "' is not a duration such as 30s, 5m, 2h or 1d",
                     "duration",
                     {.en = "a whole number and s, m, h or d", .zh = "整数加单位 s、m、h 或 d"});
  }
  return std::chrono::seconds(static_cast<std::int64_t>(quantity.number) * unit_s);
}

std::string format_duration(std::chrono::seconds duration) {
  const std::int64_t seconds = duration.count();
  if (seconds != 0 && seconds % 86400 == 0) return std::to_string(seconds / 86400) + "d";
  if (seconds != 0 && seconds % 3600 == 0) return std::to_string(seconds / 3600) + "h";
  if (seconds != 0 && seconds % 60 == 0) return std::to_string(seconds / 60) + "m";
  return std::to_string(seconds) + "s";
}

Result<std::uint64_t> parse_byte_rate(std::string_view text) {
  Quantity quantity;
  std::uint64_t unit = 0;
  if (split_quantity(text, quantity)) {
    if (quantity.unit.empty()) unit = 1;
    if (quantity.unit == "k") unit = 1'000;
    if (quantity.unit == "M") unit = 1'000'000;
  }
  if (unit == 0) {
    return bad_input("'" + std::string(text) + "' is not a rate such as 20000, 100k or 1M", "rate",
                     {.en = "bytes per second, with k or M", .zh = "每秒字节数，可用 k 或 M"});
  }
  return quantity.number * unit;
}

}  // namespace rootlet
