// What tests share: a folder that vanishes, a clock that obeys, a seed that is printed.
#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>

#include "core/clock.hpp"
#include "core/result.hpp"

namespace rootlet::test {

class TempDir {
 public:
  explicit TempDir(const std::filesystem::path& parent = std::filesystem::temp_directory_path()) {
    std::string pattern = (parent / "rootlet-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

class FakeClock final : public Clock {
 public:
  UnixTime wall() const override { return wall_; }
  std::chrono::milliseconds since_boot() const override { return awake_; }
  void pass(std::chrono::seconds time) {
    wall_ += time;
    awake_ += time;
  }
  void set_wall(UnixTime time) { wall_ = time; }

 private:
  UnixTime wall_{std::chrono::seconds(1'790'000'000)};
  std::chrono::milliseconds awake_{1'000'000};
};

// The value, or a failed test that shows the error.
template <typename T>
T must(Result<T> result) {
  if (result.has_error()) FAIL(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

template <typename T>
ErrorCode code_of(const Result<T>& result) {
  REQUIRE(result.has_error());
  return result.error().code;
}

// A generator seeded from ROOTLET_SEED or at random; the seed is printed when a check fails.
inline std::mt19937_64 seeded(std::uint64_t& seed) {
  const char* given = std::getenv("ROOTLET_SEED");
  seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  return std::mt19937_64(seed);
}

}  // namespace rootlet::test
