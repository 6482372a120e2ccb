// The HTTP/1.1 server of this program: the platform's gateway and the agent's local API run on it.
// Plain HTTP (behind a proxy, on loopback, over a Unix socket) or TLS. It bounds everything that a
// client can make large or slow: connections, headers, bodies, waiting requests, and the time of
// each step. A client that only waits gives way to new ones, and one client cannot take all places.
// Beast and Asio are included in this room only.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "core/file/descriptor.hpp"
#include "core/limits.hpp"
#include "sync/wire/server/handler.hpp"
#include "sync/wire/server/peer.hpp"

namespace rootlet::http {

struct ServerLimits {
  // Of all clients together; half a common limit of open files. When all are taken, the oldest
  // connection that waits for a request gives way; if none waits, a new client is answered 503.
  int connections = 512;
  int connections_per_client = 128;  // a county behind one address; its own oldest gives way
  int calls = 64;                // requests in the pool, running and waiting; more are answered 503
  int slow_calls = 8;            // the same for RunOn::kSlowPool
  int calls_per_client = 16;     // bodies and calls of one client at once; more are answered 503
  int uploads = 128;             // bodies in memory at once, so at most 128 MiB of them
  long retry_after_seconds = 5;  // with each 503 of the server
  std::size_t header_bytes = 8 * limits::kKiB;
  std::size_t body_bytes = limits::kMiB;  // of any request; a Plan may allow less
  std::chrono::milliseconds handshake_time = std::chrono::seconds(10);
  std::chrono::milliseconds first_byte_time = std::chrono::seconds(10);  // of a new connection
  std::chrono::milliseconds idle_time = std::chrono::seconds(75);        // between requests
  std::chrono::milliseconds header_time = std::chrono::seconds(10);      // for a whole header
  std::chrono::milliseconds body_time = std::chrono::minutes(10);        // 1 MiB at 2 kB/s
  std::chrono::milliseconds body_stall_time = std::chrono::seconds(30);  // no byte of a body came
  // When all places for bodies are taken, the oldest body that is older than this gives way.
  std::chrono::milliseconds upload_grace = std::chrono::seconds(10);
  std::chrono::milliseconds stall_time = std::chrono::minutes(2);  // no byte of an answer taken
  std::chrono::milliseconds stop_time = std::chrono::seconds(10);  // to finish at stop()
};

struct ServerOptions {
  // HOST:PORT, [IPv6]:PORT; port 0: any free one. Empty: not on TCP.
  std::string listen;
  std::filesystem::path tls_certificate = {};  // PEM chain; with a key: TLS, without: plain HTTP
  std::filesystem::path tls_key = {};
  // Reverse proxies: they have no share of connections, and their X-Forwarded-For names the client.
  Proxies proxies = {};
  int io_threads = 2;    // for connections, files and RunOn::kIoThread
  int pool_threads = 4;  // for RunOn::kPool
  int slow_threads = 2;  // for RunOn::kSlowPool
  // For answers of a Producer; as many at once, more are answered 503.
  int stream_threads = 0;
  std::vector<Field> fields = {};  // of every answer, the server's own refusals included
  bool names_local_users = false;  // RequestHead::peer_uid also of TCP clients on this machine
  ServerLimits limits = {};
  std::string log_name = "http";  // begins this server's log messages
};

class Server {
 public:
  // Listens and serves from its own threads. `handler` must outlive the server. `local_socket`, if
  // it is one, is a listening Unix socket, served without TLS beside or instead of TCP. kUsage for
  // an address, certificate or key that cannot be used; kBusy if another program holds the port or
  // the system has no more threads.
  static Result<Server> start(ServerOptions options, Handler& handler, UniqueFd local_socket = {});
  Server(Server&&) noexcept;
  Server& operator=(Server&&) = delete;
  ~Server();  // stops

  std::uint16_t port() const;  // the real one; 0 without TCP
  std::string url() const;     // "http://127.0.0.1:8420", as it listens
  // Accepts no more requests, lets those in progress finish for at most limits.stop_time, then
  // closes their connections. Waits for a Handler::answer that runs; drops those that have not
  // begun. May be called twice; not from a handler.
  void stop();

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace rootlet::http
