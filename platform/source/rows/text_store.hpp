// An arena for texts: they keep their address until the store is destroyed.
#pragma once

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include "core/limits.hpp"

namespace rootlet::platform {

class TextStore {
 public:
  char* allocate(std::size_t bytes) {
    if (pieces_.empty() || size_ - used_ < bytes) {
      size_ = std::max(bytes, std::clamp(2 * size_, kFirstBytes, kMostBytes));
      used_ = 0;
      pieces_.push_back(std::make_unique_for_overwrite<char[]>(size_));
    }
    used_ += bytes;
    return pieces_.back().get() + (used_ - bytes);
  }
  std::string_view keep(std::string_view text) {
    char* copy = allocate(text.size());
    text.copy(copy, text.size());
    return {copy, text.size()};
  }

 private:
  static constexpr std::size_t kFirstBytes = 16 * limits::kKiB, kMostBytes = 4 * limits::kMiB;
  std::vector<std::unique_ptr<char[]>> pieces_;
  std::size_t used_ = 0, size_ = 0;  // of the last piece
};

}  // namespace rootlet::platform
