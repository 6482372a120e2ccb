// The server side of the local socket: docs/FORMATS.md, "Local socket".
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "agent/channel/local_socket.hpp"
#include "core/limits.hpp"
#include "core/log.hpp"

namespace rootlet::agent {
namespace {

// A client that neither sends its request nor reads its answer (a pager left open) occupies a
// thread and, while rows stream, keeps the store's write-ahead log from shrinking.
constexpr std::chrono::seconds kPatience{300};

}  // namespace

struct SocketServer::Client {
  explicit Client(UniqueFd socket) : connection(std::move(socket)) {}
  LocalConnection connection;
  std::thread thread;
  std::atomic<bool> done{false};
};

SocketServer::SocketServer(ListeningSocket socket, Handler handler)
    : socket_(std::move(socket)), handler_(std::move(handler)) {}

SocketServer::~SocketServer() {
  stop();
}

Result<std::unique_ptr<SocketServer>> SocketServer::listen(const SocketOptions& options,
                                                           Handler handler) {
  ROOTLET_TRY(ListeningSocket socket, open_listening_socket(options));
  return std::unique_ptr<SocketServer>(new SocketServer(std::move(socket), std::move(handler)));
}

void SocketServer::accept_one() {
  UniqueFd accepted(::accept4(descriptor(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!accepted.is_open()) {
    // Out of descriptors or memory: without a pause, poll() would return at once in a busy loop.
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return;
  }
  auto client = std::make_unique<Client>(std::move(accepted));
  reap();
  const std::lock_guard guard(mutex_);
  if (clients_.size() >= static_cast<std::size_t>(limits::kLocalConnections)) {
    static_cast<void>(client->connection.write_line(
        R"({"error":{"code":"busy","message":"the agent serves too many clients at once"}})"));
    return;
  }
  Client* serving = client.get();
  clients_.push_back(std::move(client));
  serving->thread = std::thread([this, serving] { serve(*serving); });
}

void SocketServer::serve(Client& client) {
  const Status patient = client.connection.set_patience(kPatience);
  const Result<Peer> peer = client.connection.peer();
  if (patient.has_value() && peer.has_value()) {
    handler_(client.connection, peer.value());
  } else {
    log_warning("local socket: refused a client whose user the kernel does not report");
  }
  client.connection.shut();
  client.done = true;
}

void SocketServer::reap() {
  std::list<std::unique_ptr<Client>> finished;
  {
    const std::lock_guard guard(mutex_);
    for (auto at = clients_.begin(); at != clients_.end();) {
      const auto here = at++;
      if ((*here)->done) finished.splice(finished.end(), clients_, here);
    }
  }
  for (auto& client : finished) client->thread.join();
}

void SocketServer::stop() {
  if (!socket_.descriptor.is_open()) return;
  socket_.descriptor.reset();
  if (socket_.is_ours) ::unlink(socket_.path.c_str());
  std::list<std::unique_ptr<Client>> clients;
  {
    const std::lock_guard guard(mutex_);
    clients.swap(clients_);
  }
  for (auto& client : clients) client->connection.shut();
  for (auto& client : clients) client->thread.join();
}

}  // namespace rootlet::agent
