// Who is connected and what each connection waits for; who is admitted, and who makes room when the
// places are taken. A connection that waits for its client gives way before one that is served: the
// oldest that waits for a request is cut, so that silent clients never lock others out.
//
// Thread-safe. For this room only.
#pragma once

#include <chrono>
#include <condition_variable>
#include <list>
#include <map>
#include <memory>
#include <mutex>

#include "sync/wire/server/peer.hpp"

namespace rootlet::http {

class Connection {
 public:
  virtual ~Connection() = default;
  virtual void finish() = 0;  // after the answer under way; at once if there is none
  virtual void cut() = 0;     // now; on the connection's own strand
};

enum class Admission {
  kServe,
  kSendAway,  // 503 to the first request, then close
  kClose      // even a 503 costs a place
};

struct ConnectionLimits {
  std::size_t all = 0;
  std::size_t per_client = 0;
  std::size_t uploads = 0;
  std::chrono::milliseconds upload_grace{};  // a younger upload is never cut for another
};

class ConnectionTable {
 public:
  explicit ConnectionTable(ConnectionLimits limits) : limits_(limits) {}

  // Decides about one more connection of `client`, and cuts the one that makes room for it. Call it
  // from one thread at a time, and add() before the next call.
  Admission admit(const Client& client);
  // A new connection waits for its first request.
  void add(std::shared_ptr<Connection> connection, Client client);
  void remove(const Connection& connection);

  void wait_for_request(const Connection& connection);
  // These return false for a connection that was cut meanwhile: it must not answer.
  bool begin_answer(const Connection& connection);
  // False too if all places for uploads are taken by younger ones than the grace; else the oldest
  // upload may be cut.
  enum class Upload { kBegun, kBusy, kCut };
  Upload begin_upload(const Connection& connection);

  // Cuts the oldest connection that waits for a request; false if none does.
  bool drop_oldest();

  void finish_all();  // asks each
  void cut_all();
  bool wait_until_empty(std::chrono::milliseconds time);
  // Destroys connections that are left; no other thread may use them any more.
  void forget_all();

 private:
  using Clock = std::chrono::steady_clock;
  enum class State { kWaiting, kUploading, kAnswering, kLeaving };
  struct Entry {
    std::shared_ptr<Connection> connection;
    Client client;
    State state = State::kWaiting;
    Clock::time_point since;
  };
  using Entries = std::list<Entry>;  // in the order of `since`

  Entries::iterator find(const Connection& connection);
  void move(Entries::iterator entry, State state);
  std::size_t count(State state) const;
  std::size_t staying(const Client& client) const;
  bool drop_oldest_of(const Client* client);
  void drop(Entries::iterator entry);

  const ConnectionLimits limits_;
  std::mutex mutex_;
  std::condition_variable emptied_;
  Entries entries_;                                        // under mutex_
  std::map<const Connection*, Entries::iterator> places_;  // under mutex_
};

}  // namespace rootlet::http
