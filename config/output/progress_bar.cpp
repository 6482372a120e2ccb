// Draws one line on standard error, only on a terminal and only when a figure changes.
#include "config/output/progress_bar.hpp"

#include <algorithm>
#include <cstdio>

#include "core/text.hpp"
#include "core/unicode/visible_text.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kBarWidth = 30;

}  // namespace

void ProgressBar::show(std::string_view label, std::uint64_t done, std::uint64_t total,
                       std::string_view detail) {
  if (width_ < 2) return;
  // One column stays free: a full line would wrap and could not be drawn over.
  const std::string line =
      fit_to_width(visible_text(progress_line(label, done, total, detail)), width_ - 1);
  if (line == shown_) return;
  std::fprintf(stderr, "\r%s", line.c_str());
  shown_ = line;
}

void ProgressBar::clear() {
  if (!shown_.empty()) std::fprintf(stderr, "\r%s\r", std::string(width_ - 1, ' ').c_str());
  shown_.clear();
}

std::string progress_line(std::string_view label, std::uint64_t done, std::uint64_t total,
                          std::string_view detail) {
  std::string line(label);
  if (total == 0) return line + " …";
  if (!line.empty()) line += " ";
  line += progress_bar(done, total, kBarWidth);
  return detail.empty() ? line : line + "  " + std::string(detail);
}

std::string progress_bar(std::uint64_t done, std::uint64_t total, std::size_t width) {
  const double part =
      total == 0 ? 0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const auto filled = static_cast<std::size_t>(part * static_cast<double>(width));
  char percent[8];
  std::snprintf(percent, sizeof percent, "%3d%%", static_cast<int>(part * 100));
  return "[" + std::string(filled, '#') + std::string(width - filled, '.') + "] " + percent;
}

}  // namespace rootlet
