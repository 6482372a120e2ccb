// Quantities as people write them in options: "500ms", "30s", "5m", "2h", "1d" and "100k", "1M".
// Rejects a duration without a unit: seconds or minutes would be a guess.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace rootlet {

// Units ms, s, m, h, d. kBadInput with the rule as hint.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);
std::string format_duration(std::chrono::milliseconds duration);  // "90s", "5m", "2h", "1d"

// A part of each day by the machine's clock, in minutes since midnight. With `to` before `from` it
// extends past midnight.
struct DayWindow {
  int from = 0, to = 0;
  bool holds(int minute) const {
    return from <= to ? from <= minute && minute < to : minute >= from || minute < to;
  }
  bool operator==(const DayWindow&) const = default;
};
// "22:00-06:00,12:00-13:30"; empty text gives none. kBadInput with the rule as hint.
Result<std::vector<DayWindow>> parse_day_windows(std::string_view text);

// A whole number, with k, M or G for 1,000, 1,000,000 and 1,000,000,000.
Result<std::uint64_t> parse_byte_count(std::string_view text);

// Bytes per second: a whole number, with k or M for 1,000 and 1,000,000 of them; 0 is no limit.
Result<std::uint64_t> parse_byte_rate(std::string_view text);

}  // namespace rootlet
