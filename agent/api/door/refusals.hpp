// Writes refused requests, and acts at the console's door, into the ledger: who, from where, and
// which; never what was asked. Refusals within a second share entries (use_recorder.hpp), so that a
// page that asks without end does not fill the disk. Thread-safe.
#pragma once

#include <atomic>

#include "agent/channel/local_socket.hpp"
#include "agent/reading/reading_pool.hpp"

namespace rootlet::agent {

class Refusals {
 public:
  explicit Refusals(ReadingPool& pool) : pool_(&pool) {}

  // `kind`: "host", "origin", "csrf", "session", "role", "ticket", "pairing", as the command
  // "refused-KIND". A home that is not enrolled has no ledger; then, and if it cannot be written,
  // the program's log says it.
  void note(const Peer& peer, std::string_view kind);
  // What is not refused: "console-enter", "console-pair", …
  Status note_act(const Peer& peer, std::string_view command);
  std::int64_t count() const { return count_; }  // of refusals since the start

 private:
  ReadingPool* pool_;
  std::atomic<std::int64_t> count_ = 0;
};

}  // namespace rootlet::agent
