// Progress on standard error while a command works. Nothing appears unless that is a terminal, nor
// with --quiet or --json.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "config/output/cli_output.hpp"

namespace rootlet {

class ProgressBar {
 public:
  explicit ProgressBar(const CliOutput& output) : width_(output.progress_width()) {}
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // Draws "label [####....]  40%  detail" over what it drew before; without a total "label …".
  void show(std::string_view label, std::uint64_t done, std::uint64_t total,
            std::string_view detail = "");
  // Removes it from the terminal.
  void clear();

 private:
  std::size_t width_;  // 0: draws nothing
  std::string shown_;
};

// The line that ProgressBar draws.
std::string progress_line(std::string_view label, std::uint64_t done, std::uint64_t total,
                          std::string_view detail);

// "[#####.....]  50%": `width` characters between the brackets.
std::string progress_bar(std::uint64_t done, std::uint64_t total, std::size_t width);

}  // namespace rootlet
