// The local socket: one request and its answer per connection, lines of JSON (docs/FORMATS.md,
// "Local socket"). Who calls is told by the kernel, not by the caller. Lines are bounded, and a
// side that stops reading or writing is given up after a while.
#pragma once

#include <sys/types.h>
#include <sys/un.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "core/file/descriptor.hpp"
#include "core/file/file.hpp"

namespace rootlet::agent {

struct Peer {
  std::int64_t uid = -1;
  std::int64_t pid = -1;
  std::string user;  // the name of uid, or its number
};

// kUsage if the path is too long for one.
Result<sockaddr_un> socket_address(const fs::path& path);

std::string user_name(uid_t uid);
// This very process.
Peer own_peer();

class LocalConnection {
 public:
  explicit LocalConnection(UniqueFd socket) : socket_(std::move(socket)) {}

  // kUnreachable with the reason if nobody listens at `path`, kNotPermitted if the file system
  // forbids it.
  static Result<LocalConnection> connect(const fs::path& path);

  // A line without its end; nullopt when the other side has closed. kBadInput above `max_bytes`.
  Result<std::optional<std::string>> read_line(std::size_t max_bytes);
  Status write_line(std::string_view line);
  // kUnreachable for either direction once nothing moved for so long.
  Status set_patience(std::chrono::seconds patience);
  Result<Peer> peer() const;
  // True if the other side has closed for good, so that nobody reads an answer.
  bool is_gone() const;
  // Wakes a thread that is reading or writing here; both fail from now on.
  void shut();

 private:
  UniqueFd socket_;
  std::string buffer_;
};

struct SocketOptions {
  fs::path path;
  std::string group;  // empty: as it is
};

// Accepts, and answers each connection on a thread of its own. Callers above
// limits::kLocalConnections are told that it is busy.
class SocketServer {
 public:
  using Handler = std::function<void(LocalConnection&, const Peer&)>;

  // Takes the place of a socket file left by a dead process: the caller holds the home's lock.
  // Mode 0660.
  static Result<std::unique_ptr<SocketServer>> listen(const SocketOptions& options,
                                                      Handler handler);
  ~SocketServer();
  SocketServer(const SocketServer&) = delete;
  SocketServer& operator=(const SocketServer&) = delete;

  int descriptor() const { return socket_.get(); }  // for poll()
  void accept_one();
  // Refuses new connections, wakes the present ones and waits for their threads.
  void stop();

 private:
  struct Client;
  SocketServer(UniqueFd socket, fs::path path, Handler handler);
  void serve(Client& client);
  void reap();

  UniqueFd socket_;
  fs::path path_;
  Handler handler_;
  std::mutex mutex_;
  std::list<std::unique_ptr<Client>> clients_;
};

}  // namespace rootlet::agent
