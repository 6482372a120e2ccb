// What all connections of one server share: its options, the counters that bound it, the pool for
// slow answers, and the list of connections for stop(). For this room only.
#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>

#include "sync/wire/server/server.hpp"

namespace rootlet::http {

class Connection {
 public:
  virtual ~Connection() = default;
  virtual void finish() = 0;  // after the answer under way; at once if there is none
  virtual void cut() = 0;     // now
};

// One of a limited number of places, held for the life of the object; check granted().
class Place {
 public:
  Place(std::atomic<int>& taken, int places) : taken_(taken), granted_(++taken <= places) {}
  ~Place() { --taken_; }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  bool granted() const { return granted_; }

 private:
  std::atomic<int>& taken_;
  bool granted_;
};

struct ServerContext {
  ServerContext(ServerOptions given, Handler& the_handler)
      : options(std::move(given)),
        handler(the_handler),
        pool(std::make_unique<boost::asio::thread_pool>(options.pool_threads)) {}

  const ServerOptions options;
  Handler& handler;
  std::unique_ptr<boost::asio::thread_pool> pool;
  std::atomic<int> calls = 0;
  std::atomic<int> uploads = 0;
  std::atomic<bool> stopping = false;

  std::mutex mutex;
  std::condition_variable emptied;
  std::set<std::shared_ptr<Connection>> connections;  // under mutex

  void add(std::shared_ptr<Connection> connection);
  void remove(const std::shared_ptr<Connection>& connection);
  std::size_t count();
  // Asks all connections to finish. After `time`, closes those that have not, and drops the calls
  // that still wait for a thread.
  void finish_all(std::chrono::milliseconds time);
  void wait_for_calls();  // for those that run; starts no other
  // Destroys the connections that were cut while they waited for a call: their sockets must be
  // destroyed before the io_context.
  void forget_all();
};

}  // namespace rootlet::http
