// Work on many objects by a few connections at once.
#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <span>
#include <vector>

#include "core/thread/parallel.hpp"

namespace rootlet::platform {

inline constexpr std::size_t kBucketConnections = 4;  // enough to hide the latency of small files

// Calls work(line, item) once for each item; each line works in a thread of its own. Returns when
// all threads have ended. The first error ends all, and so does `stop`.
template <typename Line, typename Item, typename Work>
Status in_parallel(std::vector<std::unique_ptr<Line>>& lines, std::span<const Item> items,
                   Work work, const std::atomic<bool>* stop = nullptr) {
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> has_failed = false;
  const auto run_line = [&](Line& line) -> Status {
    for (std::size_t i = next++; i < items.size() && !has_failed; i = next++) {
      const bool is_stopped = stop != nullptr && *stop;
      const Status done =
          is_stopped ? fail(ErrorCode::kUnreachable, "stopped") : work(line, items[i]);
      if (!done.has_error()) continue;
      has_failed = true;
      return done;
    }
    return ok();
  };
  std::vector<std::future<Status>> others;
  for (std::size_t i = 1; i < std::min(lines.size(), items.size()); ++i) {
    others.push_back(run_parallel([&run_line, &line = *lines[i]] { return run_line(line); }));
  }
  Status result = run_line(*lines.front());
  for (std::future<Status>& other : others) {
    Status done = other.get();
    if (done.has_error() && !result.has_error()) result = std::move(done);
  }
  return result;
}

}  // namespace rootlet::platform
