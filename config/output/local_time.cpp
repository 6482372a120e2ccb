// Finds times by their shape, so that every sentence can hold one, and asks the C library for the
// zone.
#include "config/output/local_time.hpp"

#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace rootlet {
namespace {

constexpr std::string_view kShape = "0000-00-00T00:00:00Z";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// True if `text` begins with a time in our own form and no digit goes on after it.
bool begins_with_time(std::string_view text) {
  if (text.size() < kShape.size()) return false;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] == '0' ? !is_digit(text[i]) : text[i] != kShape[i]) return false;
  }
  return true;
}

}  // namespace

std::string local_time(UnixTime time, TimeDetail detail) {
  const std::time_t seconds = time.time_since_epoch().count();
  std::tm local{};
  if (::localtime_r(&seconds, &local) == nullptr) return format_time(time);
  char text[64];
  const char* form = detail == TimeDetail::kSeconds ? "%Y-%m-%d %H:%M:%S" : "%Y-%m-%d %H:%M";
  if (std::strftime(text, sizeof text, form, &local) == 0) return format_time(time);
  const long minutes = local.tm_gmtoff / 60;
  char zone[48];
  std::snprintf(zone, sizeof zone, " %c%02ld:%02ld", minutes < 0 ? '-' : '+',
                std::labs(minutes) / 60, std::labs(minutes) % 60);
  return std::string(text) + zone;
}

std::string with_local_times(std::string_view text, TimeDetail detail) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const bool may_begin = is_digit(text[at]) && (at == 0 || !is_digit(text[at - 1]));
    if (may_begin && begins_with_time(text.substr(at))) {
      const Result<UnixTime> time = parse_time(text.substr(at, kShape.size()));
      if (time.has_value()) {
        out += local_time(time.value(), detail);
        at += kShape.size();
        continue;
      }
    }
    out += text[at++];
  }
  return out;
}

}  // namespace rootlet
