#include "sync/wire/server/stream_pipe.hpp"

#include <algorithm>
#include <utility>

namespace rootlet::http {

void StreamPipe::begin(Reply head) {
  {
    const std::lock_guard lock(mutex_);
    head_ = std::move(head);
  }
  wake_();
}

bool StreamPipe::write(ByteView piece) {
  {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return gone_ || waiting_.size() < kMostBytes; });
    if (gone_) return false;
    waiting_.insert(waiting_.end(), piece.begin(), piece.end());
  }
  wake_();
  return true;
}

bool StreamPipe::is_gone() const {
  const std::lock_guard lock(mutex_);
  return gone_;
}

void StreamPipe::run(Producer& producer) {
  std::optional<Reply> instead = producer.produce(*this);
  {
    const std::lock_guard lock(mutex_);
    instead_ = std::move(instead);
    ended_ = true;
  }
  wake_();
}

StreamPipe::Part StreamPipe::take() {
  const std::lock_guard lock(mutex_);
  Part part;
  part.head = std::exchange(head_, std::nullopt);
  const std::size_t count = std::min(waiting_.size(), kPieceBytes);
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
  part.piece.assign(waiting_.begin(), end);
  waiting_.erase(waiting_.begin(), end);
  part.ended = ended_ && waiting_.empty();
  if (part.ended) part.instead = std::exchange(instead_, std::nullopt);
  room_.notify_one();
  return part;
}

void StreamPipe::leave() {
  const std::lock_guard lock(mutex_);
  gone_ = true;
  waiting_.clear();
  room_.notify_one();
}

}  // namespace rootlet::http
