// A few threads that run tasks in the order in which they come: for thousands of short tasks, where
// a thread for each would take longer than the task.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace rootlet {

class WorkerPool {
 public:
  // Fewer threads if the system has no more; without any, run() runs the task itself.
  explicit WorkerPool(std::size_t threads) {
    threads_.reserve(threads);
    try {
      while (threads_.size() < threads) threads_.emplace_back([this] { work(); });
    } catch (const std::system_error&) {
    }
  }
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  // Waits for the tasks that have begun, and drops the others.
  ~WorkerPool() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    came_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  // What the task uses must outlive the pool.
  template <typename Task>
  auto run(Task task) -> std::future<decltype(task())> {
    auto shared = std::make_shared<std::packaged_task<decltype(task())()>>(std::move(task));
    auto result = shared->get_future();
    if (threads_.empty()) {
      (*shared)();
      return result;
    }
    {
      const std::lock_guard lock(mutex_);
      tasks_.push_back([shared] { (*shared)(); });
    }
    came_.notify_one();
    return result;
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      came_.wait(lock, [this] { return ended_ || !tasks_.empty(); });
      if (ended_) return;
      std::function<void()> task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
      task = nullptr;
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<std::function<void()>> tasks_;
  bool ended_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace rootlet
