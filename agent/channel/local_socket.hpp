// The local socket: one request and its answer per connection, as lines of JSON (docs/FORMATS.md,
// "Local socket"). The kernel identifies the client; the client cannot claim to be somebody else.
// Lines have a maximum length, and a connection times out if its peer stops reading or writing.
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
#include <vector>

#include "agent/channel/listening_socket.hpp"
#include "agent/channel/roles.hpp"
#include "core/file/descriptor.hpp"
#include "core/file/file.hpp"
#include "core/file/owner.hpp"

namespace rootlet::agent {

struct Peer {
  std::int64_t uid = -1;
  std::int64_t pid = -1;
  std::string user;  // the name of uid, or its number
  Roles roles = {};
};

// kUsage if `path` is too long for a socket address.
Result<sockaddr_un> socket_address(const fs::path& path);

// This process.
Peer own_peer();
// The user of a process at the other end of any local connection, by the kernel's word.
Peer peer_of(std::int64_t uid, std::int64_t pid);

class LocalConnection {
 public:
  explicit LocalConnection(UniqueFd socket) : socket_(std::move(socket)) {}

  // kUnreachable with the reason if nobody listens at `path`; kNoAccess, which names the group to
  // join, if the file system forbids it; kBusy if the listener takes no more calls for
  // limits::kLocalSilence.
  static Result<LocalConnection> connect(const fs::path& path);

  // A line without its newline; nullopt if the peer has closed. kBadInput above `max_bytes`;
  // kUnreachable if the line is not whole after `time`, then what arrived is kept for the next
  // call.
  Result<std::optional<std::string>> read_line(std::size_t max_bytes,
                                               std::optional<std::chrono::milliseconds> time = {});
  // True if the last read_line ran out of its time.
  bool is_late() const { return is_late_; }
  // False if nothing arrives, and the peer does not close, within `time`.
  bool wait_for_input(std::chrono::milliseconds time) const;
  Status write_line(std::string_view line);
  Status write(std::string_view bytes);
  // From now on a read or write fails with kUnreachable if no byte moves for `patience`.
  Status set_patience(std::chrono::seconds patience);
  Result<Peer> peer() const;
  Result<uid_t> peer_uid() const;  // without a look-up of its name, which may take long
  // True if the peer has closed both directions, so that nobody will read an answer.
  bool is_gone() const;
  // Ends reads and writes in progress on other threads; later ones fail.
  void shut();

 private:
  UniqueFd socket_;
  std::string buffer_;
  bool is_late_ = false;
};

// True if `caller` may have one more connection beside those of the users in `served`. Root and
// `own`, the user that the server runs as, have places of their own; nobody else may take more than
// limits::kLocalConnectionsPerUser of the others. Pure.
bool has_place(uid_t caller, uid_t own, const std::vector<uid_t>& served);

// Accepts connections and serves each on its own thread. Answers kBusy to a client for whom there
// is no place (has_place), or no descriptor.
class SocketServer {
 public:
  using Handler = std::function<void(LocalConnection&, const Peer&)>;

  // At systemd's socket if there is one, else at its own (listening_socket.hpp, also for errors).
  static Result<std::unique_ptr<SocketServer>> listen(const SocketOptions& options,
                                                      Handler handler);
  ~SocketServer();
  SocketServer(const SocketServer&) = delete;
  SocketServer& operator=(const SocketServer&) = delete;

  int descriptor() const { return socket_.descriptor.get(); }  // for poll()
  void accept_one();
  // Readable when a client has been served; then reap() frees its thread and its descriptor.
  int finished_descriptor() const { return finished_.get(); }
  void reap();
  // Closes the socket, removes its file if this process made it, shuts all connections and joins
  // their threads.
  void stop();

 private:
  struct Client;
  SocketServer(ListeningSocket socket, Handler handler);
  void serve(Client& client);
  void start(LocalConnection connection, uid_t uid);
  void refuse_without_descriptor();
  bool has_place_for(uid_t uid);

  ListeningSocket socket_;
  UniqueFd finished_;  // an eventfd
  UniqueFd spare_;     // given up for a moment to refuse a client when no descriptor is left
  Handler handler_;
  std::mutex mutex_;
  std::list<std::unique_ptr<Client>> clients_;
};

}  // namespace rootlet::agent
