#include "config/cli/table_text.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>

#include "core/text.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 6;  // what a cut column keeps

std::string line_of(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    const std::string cell = i < cells.size() ? printable(cells[i]) : "";
    line += fit_to_width(cell, widths[i]) + std::string(kGap, ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

}  // namespace

std::vector<std::size_t> TextTable::widths(std::size_t max_width) const {
  std::vector<std::size_t> out;
  for (const std::string& title : titles_) out.push_back(display_width(title));
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < std::min(row.size(), out.size()); ++i) {
      out[i] = std::max(out[i], display_width(printable(row[i])));
    }
  }
  if (max_width == 0) return out;
  std::size_t total = 0;
  for (const std::size_t width : out) total += width + kGap;
  // The widest column gives way first, as long as there is something to give.
  while (total > max_width + kGap) {
    const auto widest = std::max_element(out.begin(), out.end());
    if (widest == out.end() || *widest <= kNarrowest) break;
    --*widest;
    --total;
  }
  return out;
}

std::string TextTable::text(std::size_t max_width) const {
  const std::vector<std::size_t> columns = widths(max_width);
  std::string out = line_of(titles_, columns);
  for (const auto& row : rows_) out += line_of(row, columns);
  return out;
}

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // C1 controls are two bytes in UTF-8: C2 80 to C2 9F.
    const bool c1 =
        byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (byte < 0x20 || byte == 0x7F || c1) {
      out += "·";
      if (c1) ++i;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::string format_bytes(std::uint64_t bytes) {
  constexpr const char* kUnits[] = {"kB", "MB", "GB", "TB"};
  if (bytes < 1000) return std::to_string(bytes) + " B";
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (value /= 1000; value >= 999.5 && unit < 3; ++unit) value /= 1000;
  char text[32];
  std::snprintf(text, sizeof text, value < 9.95 ? "%.1f %s" : "%.0f %s", value, kUnits[unit]);
  return text;
}

std::string progress_bar(std::uint64_t done, std::uint64_t total, std::size_t width) {
  const double part =
      total == 0 ? 0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const auto filled = static_cast<std::size_t>(part * static_cast<double>(width));
  char percent[8];
  std::snprintf(percent, sizeof percent, "%3d%%", static_cast<int>(part * 100));
  return "[" + std::string(filled, '#') + std::string(width - filled, '.') + "] " + percent;
}

std::size_t terminal_width(int descriptor) {
  if (::isatty(descriptor) == 0) return 0;
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace rootlet
