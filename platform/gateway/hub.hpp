// What all connections of one gateway share: its options, the counters that bound it, the pool in
// which GatewayApi runs, and the list of connections that stop() walks. Inside platform/gateway
// only.
#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>

#include "platform/gateway/gateway.hpp"

namespace rootlet::platform::gateway {

class Connection {
 public:
  virtual ~Connection() = default;
  virtual void finish() = 0;  // after the answer under way; at once if there is none
  virtual void cut() = 0;     // now
};

// Takes a place while it lives, if there is one.
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

struct Hub {
  Hub(GatewayOptions given, GatewayApi& the_api)
      : options(std::move(given)),
        api(the_api),
        pool(std::make_unique<boost::asio::thread_pool>(options.api_threads)) {}

  const GatewayOptions options;
  GatewayApi& api;
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
  // All are told to finish; those that have not after `time` are cut, and calls that wait dropped.
  void finish_all(std::chrono::milliseconds time);
  void wait_for_calls();  // for those that run; no other will
  // Lets go of what was cut while it waited for a call; its sockets must go before their
  // io_context.
  void forget_all();
};

}  // namespace rootlet::platform::gateway
