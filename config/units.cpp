#include "config/units.hpp"

#include <array>
#include <charconv>
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
