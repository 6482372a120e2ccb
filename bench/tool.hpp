// Shared by the measuring programs: they exit with a message on the first error, and print their
// results as one JSON object on standard output, for bench/run.py.
#pragma once

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "core/format/json.hpp"
#include "core/result.hpp"

namespace rootlet::bench {

[[noreturn]] inline void die(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(1);
}

template <typename T>
T must(Result<T> result) {
  if (result.has_error()) die(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

class Timer {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

inline void print(const json::value& value) {
  std::puts(json::serialize(value).c_str());
}

}  // namespace rootlet::bench
