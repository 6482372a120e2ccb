// One line per event on standard error, with time and level, by spdlog. Callers log ids and counts
// only: never a value of a row, a record or a key. Line ends and controls in a message are escaped,
// so that nothing in it can forge a line.
#pragma once

#include <string_view>

namespace rootlet {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

void set_log_level(LogLevel level);
void log_line(LogLevel level, std::string_view message);

inline void log_debug(std::string_view message) {
  log_line(LogLevel::kDebug, message);
}
inline void log_info(std::string_view message) {
  log_line(LogLevel::kInfo, message);
}
inline void log_warning(std::string_view message) {
  log_line(LogLevel::kWarning, message);
}
inline void log_error(std::string_view message) {
  log_line(LogLevel::kError, message);
}

}  // namespace rootlet
