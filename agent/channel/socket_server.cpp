// The server side of the local socket: docs/FORMATS.md, "Local socket".
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
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
constexpr mode_t kSocketMode = 0660;

Status give_to_group(const fs::path& path, const std::string& name) {
  if (::chmod(path.c_str(), kSocketMode) != 0) return errno_error("protect", path);
  if (name.empty()) return ok();
  const struct group* group = ::getgrnam(name.c_str());
  if (group == nullptr) {
    return fail(ErrorCode::kUsage, "there is no group '" + name + "' on this machine");
  }
  if (::chown(path.c_str(), static_cast<uid_t>(-1), group->gr_gid) != 0) {
    return errno_error("give to group " + name, path);
  }
  return ok();
}

// Binds and listens at `path` with mode 0, so that nobody can connect yet.
Status listen_at(int descriptor, const fs::path& path) {
  ROOTLET_TRY(const sockaddr_un address, socket_address(path));
  ROOTLET_TRY(remove_file(path));
  const mode_t before = ::umask(0777);
  const int bound = ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::umask(before);
  if (bound != 0 || ::listen(descriptor, limits::kLocalConnections) != 0) {
    return errno_error("listen on", path);
  }
  return ok();
}

}  // namespace

struct SocketServer::Client {
  explicit Client(UniqueFd socket) : connection(std::move(socket)) {}
  LocalConnection connection;
  std::thread thread;
  std::atomic<bool> done{false};
};

SocketServer::SocketServer(UniqueFd socket, fs::path path, Handler handler)
    : socket_(std::move(socket)), path_(std::move(path)), handler_(std::move(handler)) {}

SocketServer::~SocketServer() {
  stop();
}

Result<std::unique_ptr<SocketServer>> SocketServer::listen(const SocketOptions& options,
                                                           Handler handler) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.is_open()) return errno_error("make socket for", options.path);
  std::unique_ptr<SocketServer> server(
      new SocketServer(std::move(socket), options.path, std::move(handler)));
  // The socket gets its final name only once it listens with the right mode and group, so that no
  // client is refused during start-up.
  const fs::path beside = options.path.string() + "~";
  ROOTLET_TRY(listen_at(server->descriptor(), beside));
  ROOTLET_TRY(give_to_group(beside, options.group));
  if (::rename(beside.c_str(), options.path.c_str()) != 0) {
    return errno_error("place socket", options.path);
  }
  return server;
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
  if (!socket_.is_open()) return;
  socket_.reset();
  ::unlink(path_.c_str());
  std::list<std::unique_ptr<Client>> clients;
  {
    const std::lock_guard guard(mutex_);
    clients.swap(clients_);
  }
  for (auto& client : clients) client->connection.shut();
  for (auto& client : clients) client->thread.join();
}

}  // namespace rootlet::agent
