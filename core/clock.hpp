// Time as an argument: the rooms below agent/ and platform/ never ask the operating system for it,
// except for the Date field of HTTP answers.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace rootlet {

using UnixTime = std::chrono::sys_seconds;  // seconds since 1970-01-01T00:00:00Z

class Clock {
 public:
  virtual ~Clock() = default;
  // The machine's date and time. May be wrong, may jump.
  virtual UnixTime wall() const = 0;
  // Time since boot, suspended time included; never goes back while the machine is up.
  virtual std::chrono::milliseconds since_boot() const = 0;
};

const Clock& system_clock();

// RFC 3339 in UTC, seconds: 2026-11-21T08:00:00Z.
std::string format_time(UnixTime time);
Result<UnixTime> parse_time(std::string_view text);  // kBadInput

}  // namespace rootlet
