// What all connections of one server share: its options, the counters that bound it, the pools for
// answers that wait, and the table of connections. For this room only.
#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <map>
#include <memory>
#include <mutex>

#include "sync/wire/server/connection_table.hpp"
#include "sync/wire/server/server.hpp"

namespace rootlet::http {

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

// Threads for answers that wait, and how many such answers there may be, running and waiting.
struct CallPool {
  CallPool(int count, int places)
      : threads(std::make_unique<boost::asio::thread_pool>(count)), most(places) {}
  std::unique_ptr<boost::asio::thread_pool> threads;
  const int most;
  std::atomic<int> taken = 0;
};

// How many requests of each client are under way.
class ClientShares {
 public:
  bool take(const std::string& client, int most);
  void give_back(const std::string& client);

 private:
  std::mutex mutex_;
  std::map<std::string, int> taken_;  // under mutex_
};

// A client's place while its request is under way; without a share it is always granted.
class SharePlace {
 public:
  SharePlace(ClientShares& shares, Client client, int most)
      : shares_(shares),
        client_(std::move(client)),
        granted_(!client_ || shares_.take(*client_, most)) {}
  ~SharePlace() {
    if (client_ && granted_) shares_.give_back(*client_);
  }
  SharePlace(const SharePlace&) = delete;
  SharePlace& operator=(const SharePlace&) = delete;
  bool granted() const { return granted_; }

 private:
  ClientShares& shares_;
  Client client_;
  bool granted_;
};

struct ServerContext {
  ServerContext(ServerOptions given, Handler& the_handler);

  const ServerOptions options;
  Handler& handler;
  CallPool pool;
  CallPool slow_pool;
  CallPool streams;
  ConnectionTable connections;
  ClientShares shares;
  std::atomic<bool> stopping = false;

  // Asks all connections to finish. After `time`, closes those that have not, and drops the calls
  // that still wait for a thread.
  void finish_all(std::chrono::milliseconds time);
  void wait_for_calls();  // for those that run; starts no other
  // Destroys the connections that were cut while they waited for a call: their sockets must be
  // destroyed before the io_context.
  void forget_all();
};

}  // namespace rootlet::http
