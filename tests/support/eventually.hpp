// Waits for a condition instead of a time. A fixed sleep is too short on a busy machine and too
// long on a quick one.
#pragma once

#include <chrono>
#include <thread>

namespace rootlet::test {

// Asks until `condition` holds, for at most ten seconds; whether it held.
template <typename Condition>
bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace rootlet::test
