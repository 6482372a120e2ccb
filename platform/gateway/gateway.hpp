// The realm's HTTP server: the files of repository/ and the few verbs of GatewayApi, over plain
// HTTP behind a proxy or over TLS by itself. Everything a client can make large or slow has a
// bound: connections, headers, bodies, waiting calls, and the time for each step. It serves no file
// outside the four public folders, follows no link, and loads no file into memory.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "core/limits.hpp"
#include "platform/gateway/gateway_api.hpp"

namespace rootlet::platform {

struct GatewayLimits {
  int connections = 512;  // more are answered 503; half a common limit of open files
  int calls = 64;         // of GatewayApi, running and waiting; more are answered 503
  int uploads = 128;      // bodies being received at once, so at most 128 MiB of them
  long retry_after_seconds = 5;
  std::size_t header_bytes = 8 * limits::kKiB;
  std::size_t enrolment_bytes = 64 * limits::kKiB;
  std::size_t batch_bytes = limits::kBatchBytes;
  std::chrono::milliseconds handshake_time = std::chrono::seconds(20);
  std::chrono::milliseconds idle_time = std::chrono::seconds(75);    // between requests
  std::chrono::milliseconds header_time = std::chrono::seconds(20);  // for a whole header
  std::chrono::milliseconds body_time = std::chrono::minutes(10);    // 1 MiB at 2 kB/s
  std::chrono::milliseconds stall_time = std::chrono::minutes(2);    // no byte of an answer taken
  std::chrono::milliseconds stop_time = std::chrono::seconds(10);    // to finish at stop()
};

struct GatewayOptions {
  std::string listen = "127.0.0.1:8420";  // HOST:PORT, [IPv6]:PORT; port 0: any free one
  std::filesystem::path repository;
  std::filesystem::path tls_certificate = {};  // PEM chain; TLS if given, then with a key
  std::filesystem::path tls_key = {};
  int threads = 2;      // for connections and files
  int api_threads = 4;  // for calls of GatewayApi
  GatewayLimits limits = {};
};

class Gateway {
 public:
  // Listens and serves from its own threads. `api` must outlive the gateway. kUsage for an address,
  // certificate or key that cannot be used; kBusy if another program holds the port.
  static Result<Gateway> start(GatewayOptions options, GatewayApi& api);
  Gateway(Gateway&&) noexcept;
  Gateway& operator=(Gateway&&) = delete;
  ~Gateway();  // stops

  std::uint16_t port() const;  // the real one
  std::string url() const;     // "http://127.0.0.1:8420", as it listens
  // Takes no more requests, lets those under way finish for at most limits.stop_time, then cuts
  // them. A call of GatewayApi that runs is waited for. May be called twice; not from a GatewayApi.
  void stop();

 private:
  struct Impl;
  explicit Gateway(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace rootlet::platform
