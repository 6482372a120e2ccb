// The realm's gateway: the files of repository/ and the few calls of GatewayApi over HTTP. It
// serves no file outside the four public folders. Connections, limits and TLS are
// sync/wire/server's.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "platform/gateway/gateway_api.hpp"
#include "sync/wire/server/server.hpp"

namespace rootlet::platform {

// `listen` is 127.0.0.1:8420 unless set; `limits.body_bytes` is set from the two limits here.
struct GatewayOptions : http::ServerOptions {
  GatewayOptions() {
    listen = "127.0.0.1:8420";
    log_name = "gateway";
  }
  std::filesystem::path repository;
  std::size_t enrolment_bytes = 64 * limits::kKiB;
  std::size_t batch_bytes = limits::kBatchBytes;
};

class Gateway {
 public:
  // As http::Server::start. `api` must outlive the gateway.
  static Result<Gateway> start(GatewayOptions options, GatewayApi& api);

  std::uint16_t port() const { return server_.port(); }
  std::string url() const { return server_.url(); }
  // As http::Server::stop: waits for a GatewayApi call that runs. Not from a GatewayApi.
  void stop() { server_.stop(); }

 private:
  Gateway(std::unique_ptr<http::Handler> handler, http::Server server)
      : handler_(std::move(handler)), server_(std::move(server)) {}
  std::unique_ptr<http::Handler> handler_;
  http::Server server_;  // last: it stops before its handler is destroyed
};

}  // namespace rootlet::platform
