// Short tasks on a few threads: each gives its result once, and none outlives the pool.
#include "core/thread/worker_pool.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <memory>

using namespace rootlet;

TEST_CASE("worker pool: a thousand tasks give their results, with any number of threads") {
  for (const std::size_t threads : {0U, 1U, 3U}) {
    CAPTURE(threads);
    WorkerPool pool(threads);
    std::deque<std::future<int>> results;
    for (int i = 0; i < 1'000; ++i) {
      results.push_back(pool.run([i, kept = std::make_unique<int>(i)] { return *kept + i; }));
    }
    for (int i = 0; i < 1'000; ++i) CHECK(results[static_cast<std::size_t>(i)].get() == 2 * i);
  }
}

TEST_CASE("worker pool: it ends only when the tasks that have begun have, and drops the others") {
  std::atomic<int> begun = 0, done = 0;
  {
    WorkerPool pool(2);
    for (int i = 0; i < 100; ++i) {
      (void)pool.run([&] {
        ++begun;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return ++done;
      });
    }
  }
  CHECK(begun == done);
  CHECK(done <= 100);
}
