// One queue between two threads, closed from either end.
#include "sync/downlink/change_relay.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>

namespace rootlet {
namespace {

// Copied and not yet written. A block that is larger by itself goes when nothing else is under way.
constexpr std::size_t kRowsUnderWay = 8'192;

class Relay final : public ChangeSink {
 public:
  // --- the reading thread
  Status remove(const RowBlock& old_rows) override { return put({Kind::kRemove, old_rows, {}}); }
  Status update(const RowBlock& old_rows, const RowBlock& new_rows) override {
    return put({Kind::kUpdate, old_rows, new_rows});
  }
  Status insert(const RowBlock& rows) override { return put({Kind::kInsert, rows, {}}); }
  void end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    moved_.notify_all();
  }

  // --- the writing thread
  Status write_to(ChangeSink& sink) {
    while (const Change* change = wait_for_change()) {
      const Status written = write(*change, sink);
      done(written.has_error());
      ROOTLET_TRY(written);
    }
    return ok();
  }

 private:
  enum class Kind { kRemove, kUpdate, kInsert };
  struct Change {
    Kind kind;
    RowBlock rows, new_rows;
  };

  Status put(Change change) {
    const std::size_t rows = change.rows.rids.size();
    std::unique_lock lock(mutex_);
    moved_.wait(lock,
                [&] { return refused_ || queue_.empty() || under_way_ + rows <= kRowsUnderWay; });
    if (refused_) return fail(ErrorCode::kInternal, "nobody takes the changes any more");
    under_way_ += rows;
    queue_.push_back(std::move(change));
    moved_.notify_all();
    return ok();
  }

  // Stays the first of the queue until done(). Null at the end.
  const Change* wait_for_change() {
    std::unique_lock lock(mutex_);
    moved_.wait(lock, [&] { return ended_ || !queue_.empty(); });
    return queue_.empty() ? nullptr : &queue_.front();
  }

  void done(bool failed) {
    const std::lock_guard lock(mutex_);
    under_way_ -= queue_.front().rows.rids.size();
    queue_.pop_front();
    refused_ = failed;
    moved_.notify_all();
  }

  static Status write(const Change& change, ChangeSink& sink) {
    switch (change.kind) {
      case Kind::kRemove:
        return sink.remove(change.rows);
      case Kind::kUpdate:
        return sink.update(change.rows, change.new_rows);
      case Kind::kInsert:
        return sink.insert(change.rows);
    }
    return ok();
  }

  std::mutex mutex_;
  std::condition_variable moved_;
  std::deque<Change> queue_;
  std::size_t under_way_ = 0;
  bool ended_ = false, refused_ = false;
};

}  // namespace

Status relay_changes(const std::function<Status(ChangeSink&)>& read, ChangeSink& sink) {
  Relay relay;
  Status was_read = ok();
  std::thread reader;
  try {
    reader = std::thread([&] {
      was_read = read(relay);
      relay.end();
    });
  } catch (const std::system_error&) {
    return read(sink);  // the system has no more threads: one after the other
  }
  const Status written = relay.write_to(sink);
  reader.join();
  ROOTLET_TRY(written);
  return was_read;
}

}  // namespace rootlet
