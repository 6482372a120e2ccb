#include "platform/gateway/gateway.hpp"

#include <netinet/tcp.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <charconv>
#include <thread>
#include <vector>

#include "core/log.hpp"
#include "platform/gateway/connection.hpp"

namespace rootlet::platform {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using gateway::Admission;
using gateway::Hub;

constexpr std::chrono::milliseconds kAcceptPause{200};  // when the system has no descriptors left
// Bytes handed to the kernel and not yet sent: few, so that "no byte taken" is seen on slow links.
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

Status load_tls(asio::ssl::context& tls, const GatewayOptions& options) {
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

}  // namespace

struct Gateway::Impl {
  std::shared_ptr<Hub> hub;
  asio::io_context io;
  asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(io);
  tcp::acceptor acceptor{asio::make_strand(io)};
  asio::steady_timer pause{acceptor.get_executor()};  // the same strand
  std::unique_ptr<asio::ssl::context> tls;
  std::vector<std::thread> threads;
  std::uint16_t port = 0;
  std::string url;
  bool stopped = false;

  Impl(GatewayOptions options, GatewayApi& api)
      : hub(std::make_shared<Hub>(std::move(options), api)),
        io(std::max(1, hub->options.threads)) {}

  Status listen();
  void run();
  void accept();
  void admit(tcp::socket socket);
  void stop();
};

Status Gateway::Impl::listen() {
  const std::string& wanted = hub->options.listen;
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

void Gateway::Impl::run() {
  accept();
  for (int i = 0; i < std::max(1, hub->options.threads); ++i) {
    threads.emplace_back([this] { io.run(); });
  }
}

void Gateway::Impl::accept() {
  acceptor.async_accept(asio::make_strand(io), [this](error_code failed, tcp::socket socket) {
    if (hub->stopping || failed == asio::error::operation_aborted) return;
    if (!failed) {
      admit(std::move(socket));
      accept();
      return;
    }
    log_warning("gateway: accept: " + failed.message());
    pause.expires_after(kAcceptPause);
    pause.async_wait([this](error_code ended) {
      if (!ended && !hub->stopping) accept();
    });
  });
}

void Gateway::Impl::admit(tcp::socket socket) {
  const auto most = static_cast<std::size_t>(hub->options.limits.connections);
  const std::size_t open = hub->count();
  if (open >= most + most / 8 + 1) return;  // even a refusal costs a place; this one is closed
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(UnsentLimit(kUnsentBytes), ignored);
  const Admission admission = open >= most ? Admission::kSendAway : Admission::kServe;
  gateway::start_connection(std::move(socket), tls.get(), admission, hub);
}

void Gateway::Impl::stop() {
  if (std::exchange(stopped, true)) return;
  hub->stopping = true;
  asio::post(acceptor.get_executor(), [this] {
    error_code ignored;
    acceptor.close(ignored);
    pause.cancel();
  });
  hub->finish_all(hub->options.limits.stop_time);
  hub->wait_for_calls();
  work.reset();
  io.stop();
  for (std::thread& thread : threads) thread.join();
  hub->forget_all();
}

Gateway::Gateway(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Gateway::Gateway(Gateway&&) noexcept = default;

Gateway::~Gateway() {
  if (impl_) impl_->stop();
}

Result<Gateway> Gateway::start(GatewayOptions options, GatewayApi& api) {
  if (options.tls_certificate.empty() != options.tls_key.empty()) {
    return fail(ErrorCode::kUsage, "TLS needs both a certificate and a key");
  }
  auto impl = std::make_unique<Impl>(std::move(options), api);
  if (!impl->hub->options.tls_certificate.empty()) {
    impl->tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    ROOTLET_TRY(load_tls(*impl->tls, impl->hub->options));
  }
  ROOTLET_TRY(impl->listen());
  impl->run();
  return Gateway(std::move(impl));
}

std::uint16_t Gateway::port() const {
  return impl_->port;
}

std::string Gateway::url() const {
  return impl_->url;
}

void Gateway::stop() {
  impl_->stop();
}

}  // namespace rootlet::platform
