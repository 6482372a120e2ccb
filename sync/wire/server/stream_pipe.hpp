// Between the thread that produces an answer and the connection that sends it: pieces wait here,
// and the producer waits when too many do. Thread-safe. For this room only.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>

#include "sync/wire/server/reply.hpp"

namespace rootlet::http {

class StreamPipe final : public ReplyStream {
 public:
  // `wake` is called from the producer's thread when there is something to take().
  explicit StreamPipe(std::function<void()> wake) : wake_(std::move(wake)) {}

  // The producer's side.
  void begin(Reply head) override;
  bool write(ByteView piece) override;
  bool is_gone() const override;
  void run(Producer& producer);  // produces and ends

  // The connection's side.
  struct Part {
    std::optional<Reply> head = {};     // from begin(), once
    Bytes piece = {};                   // the next bytes
    bool ended = false;                 // this was the last part
    std::optional<Reply> instead = {};  // with `ended`: what produce() returned
    bool empty() const { return !head && piece.empty() && !ended; }
  };
  Part take();
  // Nobody reads on: write() returns false from now on. The producer still has to end.
  void leave();

 private:
  // Of waiting bytes: enough that the connection never waits for the producer's next time slice.
  static constexpr std::size_t kMostBytes = 128 * 1024;
  static constexpr std::size_t kPieceBytes = 32 * 1024;  // of one part

  const std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::optional<Reply> head_;  // under mutex_, as all below
  Bytes waiting_;
  bool ended_ = false, gone_ = false;
  std::optional<Reply> instead_;
};

}  // namespace rootlet::http
