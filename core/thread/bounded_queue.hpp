// A queue between one producer thread and one consumer thread, with a bounded total weight. put()
// blocks while the queue is full, take() while it is empty; either side may close it.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

namespace rootlet {

template <typename T>
class BoundedQueue {
 public:
  // `room`: the most weight that may be queued or in use by the consumer. A heavier item waits
  // until it is alone; an item of weight 0 never waits.
  explicit BoundedQueue(std::size_t room) : room_(room) {}

  // --- producer
  // False if the consumer takes no more.
  bool put(T item, std::size_t weight = 1) {
    std::unique_lock lock(mutex_);
    moved_.wait(lock, [&] {
      return refused_ || weight == 0 || under_way_ == 0 || under_way_ + weight <= room_;
    });
    if (refused_) return false;
    under_way_ += weight;
    queue_.push_back({std::move(item), weight});
    moved_.notify_all();
    return true;
  }
  // No more items will come.
  void end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    moved_.notify_all();
  }

  // --- consumer
  // The next item in order; nullopt at the end. Frees the weight of the item taken before.
  std::optional<T> take() {
    std::unique_lock lock(mutex_);
    let_go();
    moved_.wait(lock, [&] { return ended_ || !queue_.empty(); });
    return next();
  }
  // The same without waiting: nullopt also if there is none yet.
  std::optional<T> take_now() {
    const std::lock_guard lock(mutex_);
    let_go();
    return next();
  }
  // The consumer takes no more: put() returns false from now on.
  void refuse() {
    const std::lock_guard lock(mutex_);
    refused_ = true;
    moved_.notify_all();
  }

 private:
  struct Item {
    T value;
    std::size_t weight;
  };
  void let_go() {
    under_way_ -= taken_weight_;
    taken_weight_ = 0;
    moved_.notify_all();
  }
  std::optional<T> next() {
    if (queue_.empty()) return std::nullopt;
    taken_weight_ = queue_.front().weight;
    std::optional<T> item(std::move(queue_.front().value));
    queue_.pop_front();
    return item;
  }

  std::size_t room_;
  std::mutex mutex_;
  std::condition_variable moved_;
  std::deque<Item> queue_;
  std::size_t under_way_ = 0, taken_weight_ = 0;
  bool ended_ = false, refused_ = false;
};

}  // namespace rootlet
