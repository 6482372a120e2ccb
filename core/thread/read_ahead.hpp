// Produces pieces on a second thread while the caller uses the ones before; at most a given number
// of them at a time.
#pragma once

#include <functional>
#include <optional>
#include <system_error>
#include <thread>

#include "core/thread/bounded_queue.hpp"

namespace rootlet {

template <typename Piece>
class ReadAhead {
 public:
  // Fills the next piece; false if it is the last one.
  using Fill = std::function<bool(Piece&)>;

  ReadAhead(std::size_t pieces_under_way, Fill fill)
      : fill_(std::move(fill)), pieces_(pieces_under_way) {
    try {
      thread_ = std::thread([this] { read_ahead(); });
    } catch (const std::system_error&) {
      // The system has no more threads: next() calls `fill_` itself.
    }
  }
  ~ReadAhead() {
    if (!thread_.joinable()) return;
    pieces_.refuse();
    thread_.join();
  }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  std::optional<Piece> next() {  // nullopt after the last
    if (thread_.joinable()) return pieces_.take();
    if (ended_) return std::nullopt;
    Piece piece;
    ended_ = !fill_(piece);
    return piece;
  }

 private:
  void read_ahead() {
    bool more = true;
    while (more) {
      Piece piece;
      more = fill_(piece);
      if (!pieces_.put(std::move(piece))) return;
    }
    pieces_.end();
  }

  Fill fill_;
  bool ended_ = false;
  BoundedQueue<Piece> pieces_;
  std::thread thread_;
};

}  // namespace rootlet
