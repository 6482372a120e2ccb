// The listening side: address, TLS, admission, threads, and the orderly stop.
#include "sync/wire/server/server.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <charconv>
#include <thread>
#include <vector>

#include "core/log.hpp"
#include "sync/wire/server/connection.hpp"
#include "sync/wire/server/system/peer_user.hpp"

namespace rootlet::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Local = asio::local::stream_protocol;
using boost::system::error_code;

constexpr std::chrono::milliseconds kAcceptPause{200};  // when the system has no descriptors left
// Unsent bytes in the kernel's buffer: few, so that stall_time also works on slow links.
constexpr int kUnsentBytes = 32 * 1024;
using UnsentLimit = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_NOTSENT_LOWAT>;

struct Address {
  std::string host;
  std::uint16_t port = 0;
};

Error bad_address(std::string_view listen) {
  return fail(ErrorCode::kUsage, "listen on " + std::string(listen) + ": not HOST:PORT");
}

Result<Address> parse_address(const std::string& listen) {
  const std::size_t colon = listen.rfind(':');
  if (colon == std::string::npos || colon == 0) return bad_address(listen);
  Address address{.host = listen.substr(0, colon)};
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  } else if (address.host.find(':') != std::string::npos) {
    return bad_address(listen);
  }
  const char* end = listen.data() + listen.size();
  const auto read = std::from_chars(listen.data() + colon + 1, end, address.port);
  if (read.ec != std::errc{} || read.ptr != end || address.host.empty()) return bad_address(listen);
  return address;
}

Status load_tls(asio::ssl::context& tls, const ServerOptions& options) {
  error_code failed;
  tls.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                      asio::ssl::context::no_tlsv1_1 | asio::ssl::context::no_sslv3,
                  failed);
  if (!failed) tls.use_certificate_chain_file(options.tls_certificate.string(), failed);
  if (failed) {
    return fail(ErrorCode::kUsage,
                "TLS certificate " + options.tls_certificate.string() + ": " + failed.message());
  }
  tls.use_private_key_file(options.tls_key.string(), asio::ssl::context::pem, failed);
  if (failed) {
    return fail(ErrorCode::kUsage, "TLS key " + options.tls_key.string() + ": " + failed.message());
  }
  return ok();
}

in6_addr mapped(const asio::ip::address& address) {
  const auto bytes =
      address.is_v6() ? address.to_v6().to_bytes()
                      : asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4()).to_bytes();
  in6_addr out{};
  std::copy(bytes.begin(), bytes.end(), out.s6_addr);
  return out;
}

std::int64_t local_user(const tcp::socket& socket, const tcp::endpoint& peer) {
  error_code failed;
  const tcp::endpoint own = socket.local_endpoint(failed);
  if (failed) return -1;
  return user_of_peer({.own_address = mapped(own.address()),
                       .own_port = own.port(),
                       .peer_address = mapped(peer.address()),
                       .peer_port = peer.port()});
}

}  // namespace

struct Server::Impl {
  std::shared_ptr<ServerContext> context;
  asio::io_context io;
  asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(io);
  // Both acceptors and their pauses are on one strand, as ConnectionTable::admit() asks.
  tcp::acceptor acceptor{asio::make_strand(io)};
  asio::steady_timer pause{acceptor.get_executor()};
  Local::acceptor local_acceptor{acceptor.get_executor()};
  asio::steady_timer local_pause{acceptor.get_executor()};
  std::unique_ptr<asio::ssl::context> tls;
  std::vector<std::thread> threads;
  std::uint16_t port = 0;
  std::string url;
  bool stopped = false;

  Impl(ServerOptions options, Handler& handler)
      : context(std::make_shared<ServerContext>(std::move(options), handler)),
        io(std::max(1, context->options.io_threads)) {}

  Status listen();
  Status listen_at(UniqueFd local_socket);
  void run();
  void serve_until_stopped();
  template <typename Acceptor>
  void accept(Acceptor& from, asio::steady_timer& wait);
  void admit(tcp::socket socket);
  void admit(Local::socket socket);
  void stop();
};

Status Server::Impl::listen() {
  const std::string& wanted = context->options.listen;
  ROOTLET_TRY(const Address address, parse_address(wanted));
  error_code failed;
  tcp::resolver resolver(io);
  const auto found =
      resolver.resolve(address.host, std::to_string(address.port), tcp::resolver::passive, failed);
  if (failed || found.empty()) {
    return fail(ErrorCode::kUsage, "listen on " + wanted + ": " + failed.message());
  }
  const tcp::endpoint endpoint = *found.begin();
  acceptor.open(endpoint.protocol(), failed);
  if (!failed) acceptor.set_option(tcp::acceptor::reuse_address(true), failed);
  if (!failed) acceptor.bind(endpoint, failed);
  if (!failed) acceptor.listen(asio::socket_base::max_listen_connections, failed);
  if (failed) {
    const bool taken = failed == asio::error::address_in_use;
    return fail(taken ? ErrorCode::kBusy : ErrorCode::kUsage,
                "listen on " + wanted + ": " + failed.message());
  }
  port = acceptor.local_endpoint(failed).port();
  url = (tls ? "https://" : "http://") + wanted.substr(0, wanted.rfind(':') + 1) +
        std::to_string(port);
  return ok();
}

Status Server::Impl::listen_at(UniqueFd local_socket) {
  error_code failed;
  local_acceptor.assign(Local(), local_socket.get(), failed);
  if (failed) return fail(ErrorCode::kUsage, "listen on a Unix socket: " + failed.message());
  static_cast<void>(local_socket.release());  // the acceptor's now
  return ok();
}

void Server::Impl::run() {
  if (acceptor.is_open()) accept(acceptor, pause);
  if (local_acceptor.is_open()) accept(local_acceptor, local_pause);
  for (int i = 0; i < std::max(1, context->options.io_threads); ++i) {
    threads.emplace_back([this] { serve_until_stopped(); });
  }
}

// A handler that runs out of memory ends its own connection; the thread goes on.
void Server::Impl::serve_until_stopped() {
  while (true) {
    try {
      io.run();
      return;
    } catch (const std::exception& error) {
      log_error(context->options.log_name + ": " + error.what());
    }
  }
}

template <typename Acceptor>
void Server::Impl::accept(Acceptor& from, asio::steady_timer& wait) {
  from.async_accept(asio::make_strand(io), [this, &from, &wait](error_code failed, auto socket) {
    if (context->stopping || failed == asio::error::operation_aborted) return;
    if (!failed) {
      admit(std::move(socket));
      accept(from, wait);
      return;
    }
    const bool dropped = context->connections.drop_oldest();
    log_warning(context->options.log_name + ": accept: " + failed.message() +
                (dropped ? "; the oldest idle connection was closed" : ""));
    wait.expires_after(kAcceptPause);
    wait.async_wait([this, &from, &wait](error_code ended) {
      if (!ended && !context->stopping) accept(from, wait);
    });
  });
}

void Server::Impl::admit(tcp::socket socket) {
  error_code failed;
  const tcp::endpoint end = socket.remote_endpoint(failed);
  if (failed) return;  // the client left already
  Visitor visitor{.peer = end.address().to_string()};
  visitor.client = client_of_connection(visitor.peer, context->options.proxies);
  visitor.admission = context->connections.admit(visitor.client);
  if (visitor.admission == Admission::kClose) return;
  if (context->options.names_local_users && end.address().is_loopback()) {
    visitor.uid = local_user(socket, end);
  }
  socket.set_option(tcp::no_delay(true), failed);
  socket.set_option(UnsentLimit(kUnsentBytes), failed);
  start_connection(std::move(socket), tls.get(), std::move(visitor), context);
}

void Server::Impl::admit(Local::socket socket) {
  ucred caller{};
  socklen_t size = sizeof caller;
  if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &caller, &size) != 0) return;
  Visitor visitor{.uid = static_cast<std::int64_t>(caller.uid),
                  .pid = static_cast<std::int64_t>(caller.pid)};
  // Root has no share: an administrator must get in when a user takes all places.
  if (caller.uid != 0) visitor.client = "user " + std::to_string(caller.uid);
  visitor.admission = context->connections.admit(visitor.client);
  if (visitor.admission == Admission::kClose) return;
  start_connection(std::move(socket), nullptr, std::move(visitor), context);
}

void Server::Impl::stop() {
  if (std::exchange(stopped, true)) return;
  context->stopping = true;
  asio::post(acceptor.get_executor(), [this] {
    error_code ignored;
    acceptor.close(ignored);
    local_acceptor.close(ignored);
    pause.cancel();
    local_pause.cancel();
  });
  context->finish_all(context->options.limits.stop_time);
  context->wait_for_calls();
  work.reset();
  io.stop();
  for (std::thread& thread : threads) thread.join();
  context->forget_all();
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::Server(Server&&) noexcept = default;

Server::~Server() {
  if (impl_) impl_->stop();
}

Result<Server> Server::start(ServerOptions options, Handler& handler, UniqueFd local_socket) {
  if (options.listen.empty() && !local_socket.is_open()) return bad_address(options.listen);
  if (options.tls_certificate.empty() != options.tls_key.empty()) {
    return fail(ErrorCode::kUsage, "TLS needs both a certificate and a key");
  }
  try {
    auto impl = std::make_unique<Impl>(std::move(options), handler);
    if (!impl->context->options.tls_certificate.empty()) {
      impl->tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
      ROOTLET_TRY(load_tls(*impl->tls, impl->context->options));
    }
    if (!impl->context->options.listen.empty()) {
      ROOTLET_TRY(impl->listen());
    }
    if (local_socket.is_open()) {
      ROOTLET_TRY(impl->listen_at(std::move(local_socket)));
    }
    Server server(std::move(impl));  // stops the threads that started if another cannot
    server.impl_->run();
    return server;
  } catch (const std::exception& error) {
    // Threads and descriptors of the system.
    return fail(ErrorCode::kBusy, std::string("start the server: ") + error.what());
  }
}

std::uint16_t Server::port() const {
  return impl_->port;
}

std::string Server::url() const {
  return impl_->url;
}

void Server::stop() {
  impl_->stop();
}

}  // namespace rootlet::http
