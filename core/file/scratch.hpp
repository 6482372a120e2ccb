// A temporary folder (mode 0700) that is removed with its owner.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "core/file/file.hpp"

namespace rootlet {

class Scratch {
 public:
  static Result<Scratch> make() {
    std::error_code code;
    std::string pattern = (fs::temp_directory_path(code) / "rootlet-XXXXXX").string();
    if (code || ::mkdtemp(pattern.data()) == nullptr) return errno_error("create", pattern);
    return Scratch(pattern);
  }
  Scratch(Scratch&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  explicit Scratch(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

}  // namespace rootlet
