#include "platform/cli/print.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace rootlet::platform {
namespace {

constexpr int kBarWidth = 30;

void write_all(FILE* file, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), file);
  std::fflush(file);
}

}  // namespace

std::string TextTable::text() const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(row[i]));
    }
  }
  std::string out;
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += i + 1 < row.size() ? fit_to_width(row[i], widths[i]) + "  " : row[i];
    }
    out += '\n';
  }
  return out;
}

void print_text(std::string_view text) {
  write_all(stdout, text);
}

void print_json(const json::value& value) {
  write_all(stdout, pretty_json(value));
}

std::string human_bytes(std::uint64_t bytes) {
  constexpr std::string_view kUnits[] = {"kB", "MB", "GB", "TB"};
  if (bytes < 1000) return std::to_string(bytes) + " B";
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (value /= 1000; value >= 999.95 && unit + 1 < std::size(kUnits); ++unit) value /= 1000;
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %s", value, kUnits[unit].data());
  return text;
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += between;
    out += word;
  }
  return out;
}

json::array json_texts(const std::vector<std::string>& words) {
  json::array array;
  for (const std::string& word : words) array.emplace_back(word);
  return array;
}

json::object json_text(const Text& text) {
  return {{"zh", text.in(Language::kChinese)}, {"en", text.in(Language::kEnglish)}};
}

ProgressBar::ProgressBar(bool wanted) : on_terminal_(wanted && ::isatty(STDERR_FILENO) == 1) {}

void ProgressBar::clear() {
  if (shown_) write_all(stderr, "\r\033[K");
  shown_ = false;
}

void ProgressBar::show(std::string_view phase, std::uint64_t done, std::uint64_t all) {
  if (!on_terminal_ || all == 0) return;
  const int percent = static_cast<int>(std::min(done, all) * 100 / all);
  if (percent == last_percent_ && phase == last_phase_) return;
  last_percent_ = percent;
  last_phase_ = phase;
  const int full = percent * kBarWidth / 100;
  std::string line = "\r" + fit_to_width(phase, 10) + "[" +
                     std::string(static_cast<std::size_t>(full), '#') +
                     std::string(static_cast<std::size_t>(kBarWidth - full), '.') + "] " +
                     std::to_string(percent) + "%\033[K";
  write_all(stderr, line);
  shown_ = true;
}

}  // namespace rootlet::platform
