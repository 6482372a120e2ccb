// Which record a line of text belongs to. A record whose text has several lines, or whose number
// jumps, shifts those after it. Written by one thread and read by others.
#pragma once

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <vector>

namespace rootlet::platform {

class RecordNumbers {
 public:
  void note(std::uint64_t line, std::uint64_t number) {
    const auto shift = static_cast<std::int64_t>(number - line);
    const std::lock_guard lock(mutex_);
    if (shifts_.empty() || shifts_.back().shift != shift) shifts_.push_back({line, shift});
  }
  std::uint64_t at(std::uint64_t line) const {
    const std::lock_guard lock(mutex_);
    const auto next = std::ranges::upper_bound(shifts_, line, {}, &Shift::line);
    return next == shifts_.begin() ? line
                                   : line + static_cast<std::uint64_t>(std::prev(next)->shift);
  }

 private:
  struct Shift {
    std::uint64_t line = 0;
    std::int64_t shift = 0;
  };
  mutable std::mutex mutex_;
  std::vector<Shift> shifts_;
};

}  // namespace rootlet::platform
