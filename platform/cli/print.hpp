// What the commands show: tables that fit Chinese text, JSON, sizes for people, a progress bar.
// Reports go to standard output, progress to standard error and only when that is a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/format/json.hpp"

namespace rootlet::platform {

class TextTable {
 public:
  explicit TextTable(std::vector<std::string> heads) : rows_{std::move(heads)} {}
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.size() == 1; }
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

void print_text(std::string_view text);  // as it is
void print_json(const json::value& value);

std::string human_bytes(std::uint64_t bytes);  // "741 B", "12.3 kB", "3.4 MB"
std::string joined(const std::vector<std::string>& words, std::string_view between);
json::array json_texts(const std::vector<std::string>& words);
json::object json_text(const Text& text);  // {"zh": …, "en": …}
// Counts and sizes as JSON's signed integers.
inline std::int64_t json_count(std::uint64_t count) {
  return static_cast<std::int64_t>(count);
}

class ProgressBar {
 public:
  explicit ProgressBar(bool wanted);
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  void show(std::string_view phase, std::uint64_t done, std::uint64_t all);
  void clear();

 private:
  bool shown_ = false;
  bool on_terminal_;
  int last_percent_ = -1;
  std::string last_phase_;
};

}  // namespace rootlet::platform
