// The server side of the local socket: docs/FORMATS.md, "Local socket".
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "agent/channel/local_socket.hpp"
#include "core/limits.hpp"
#include "core/log.hpp"

namespace rootlet::agent {
namespace {

// A client that does not read its answer (a pager left open) occupies a thread and, while rows
// stream, keeps the store's write-ahead log from shrinking.
constexpr std::chrono::seconds kPatience{300};
constexpr std::string_view kBusyLine =
    R"({"error":{"code":"busy","message":"the agent serves too many clients at once"}})";

UniqueFd spare_descriptor() {
  return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

}  // namespace

bool has_place(uid_t caller, uid_t own, const std::vector<uid_t>& served) {
  const auto is_privileged = [own](uid_t uid) { return uid == 0 || uid == own; };
  const bool privileged = is_privileged(caller);
  const auto rivals = std::count_if(served.begin(), served.end(),
                                    [&](uid_t uid) { return is_privileged(uid) == privileged; });
  if (rivals >= limits::kLocalConnections) return false;
  return privileged ||
         std::count(served.begin(), served.end(), caller) < limits::kLocalConnectionsPerUser;
}

struct SocketServer::Client {
  Client(LocalConnection taken, uid_t user) : connection(std::move(taken)), uid(user) {}
  LocalConnection connection;
  uid_t uid;
  std::thread thread;
  std::atomic<bool> done{false};
};

SocketServer::SocketServer(ListeningSocket socket, Handler handler)
    : socket_(std::move(socket)),
      finished_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      spare_(spare_descriptor()),
      handler_(std::move(handler)) {}

SocketServer::~SocketServer() {
  stop();
}

Result<std::unique_ptr<SocketServer>> SocketServer::listen(const SocketOptions& options,
                                                           Handler handler) {
  ROOTLET_TRY(ListeningSocket socket, open_listening_socket(options));
  return std::unique_ptr<SocketServer>(new SocketServer(std::move(socket), std::move(handler)));
}

void SocketServer::accept_one() {
  reap();
  UniqueFd accepted(::accept4(descriptor(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!accepted.is_open()) {
    if (errno == EMFILE || errno == ENFILE) refuse_without_descriptor();
    return;
  }
  LocalConnection connection(std::move(accepted));
  const Result<uid_t> uid = connection.peer_uid();
  if (uid.has_error()) {
    log_warning("local socket: refused a client whose user the kernel does not report");
  } else if (has_place_for(uid.value())) {
    start(std::move(connection), uid.value());
  } else {
    static_cast<void>(connection.write_line(kBusyLine).has_error());  // it may have left
  }
}

bool SocketServer::has_place_for(uid_t uid) {
  const std::lock_guard guard(mutex_);
  std::vector<uid_t> served;
  for (const auto& client : clients_) served.push_back(client->uid);
  return has_place(uid, ::geteuid(), served);
}

// Without this the client would wait unheard, and poll() would report it again and again.
void SocketServer::refuse_without_descriptor() {
  spare_.reset();
  {
    UniqueFd accepted(::accept4(descriptor(), nullptr, nullptr, SOCK_CLOEXEC));
    if (accepted.is_open()) {
      LocalConnection connection(std::move(accepted));
      static_cast<void>(connection.write_line(kBusyLine).has_error());  // it may have left
    }
  }
  spare_ = spare_descriptor();
  log_warning("local socket: refused a client because this process has no descriptor left");
}

void SocketServer::start(LocalConnection connection, uid_t uid) {
  const std::lock_guard guard(mutex_);
  clients_.push_back(std::make_unique<Client>(std::move(connection), uid));
  Client* serving = clients_.back().get();
  try {
    serving->thread = std::thread([this, serving] { serve(*serving); });
  } catch (const std::system_error&) {  // the system has no more threads
    static_cast<void>(serving->connection.write_line(kBusyLine).has_error());
    clients_.pop_back();
  }
}

void SocketServer::serve(Client& client) {
  const Status patient = client.connection.set_patience(kPatience);
  const Result<Peer> peer = client.connection.peer();
  if (patient.has_value() && peer.has_value()) {
    handler_(client.connection, peer.value());
  }
  client.connection.shut();
  client.done = true;
  const std::uint64_t one = 1;
  // It fails only if the count is full, and then the descriptor is readable already.
  static_cast<void>(::write(finished_.get(), &one, sizeof one) > 0);
}

void SocketServer::reap() {
  std::uint64_t count = 0;
  static_cast<void>(::read(finished_.get(), &count, sizeof count) > 0);  // back to unreadable
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
