// Runs `task` on a new thread, or in the caller's at future::get() if the system has no more
// threads.
#pragma once

#include <future>
#include <memory>
#include <system_error>

namespace rootlet {

template <typename Task>
auto run_parallel(Task task) -> std::future<decltype(task())> {
  auto shared = std::make_shared<Task>(std::move(task));
  const auto run = [shared] { return (*shared)(); };
  try {
    return std::async(std::launch::async, run);
  } catch (const std::system_error&) {
    return std::async(std::launch::deferred, run);
  }
}

}  // namespace rootlet
