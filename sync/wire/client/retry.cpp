// Dates in HTTP fields: RFC 9110, 5.6.7.
#include "sync/wire/client/retry.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ctime>
#include <iomanip>
#include <locale>
#include <sstream>
#include <string>

#include "core/limits.hpp"

namespace rootlet {
namespace {

constexpr long kMostSeconds =
    std::chrono::duration_cast<std::chrono::seconds>(limits::kLongestRetryAfter).count();
constexpr double kSpread = 0.1;  // of the server's Retry-After, for jitter

// The form that servers write, and the two old ones that a client must still read.
constexpr std::array kDateForms = {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
                                   "%a %b %d %H:%M:%S %Y"};

std::optional<std::time_t> parse_http_date(std::string_view text) {
  for (const char* form : kDateForms) {
    std::istringstream in{std::string(text)};
    in.imbue(std::locale::classic());
    std::tm parts{};
    in >> std::get_time(&parts, form);
    if (!in.fail()) return ::timegm(&parts);
  }
  return std::nullopt;
}

std::optional<long> parse_seconds(std::string_view text) {
  const bool digits = !text.empty() && std::all_of(text.begin(), text.end(),
                                                   [](char c) { return c >= '0' && c <= '9'; });
  if (!digits) return std::nullopt;
  long seconds = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), seconds);
  return end.ec == std::errc{} ? std::min(seconds, kMostSeconds) : kMostSeconds;
}

}  // namespace

std::optional<long> parse_retry_after(std::string_view value, std::string_view date) {
  if (const std::optional<long> seconds = parse_seconds(value)) return seconds;
  const std::optional<std::time_t> until = parse_http_date(value);
  const std::optional<std::time_t> now = parse_http_date(date);
  if (!until || !now) return std::nullopt;
  return std::clamp<long>(*until - *now, 0, kMostSeconds);
}

std::chrono::milliseconds retry_delay(int attempt, std::chrono::milliseconds base,
                                      std::chrono::milliseconds cap, long retry_after_seconds,
                                      double random) {
  const int doublings = std::clamp(attempt - 1, 0, 40);
  const double ceiling = std::min(std::ldexp(static_cast<double>(base.count()), doublings),
                                  static_cast<double>(cap.count()));
  const long long least = std::clamp(retry_after_seconds, 0L, kMostSeconds) * 1000LL;
  const double spread = std::max(ceiling, static_cast<double>(least) * kSpread);
  return std::chrono::milliseconds(least +
                                   static_cast<long long>(std::clamp(random, 0.0, 1.0) * spread));
}

}  // namespace rootlet
