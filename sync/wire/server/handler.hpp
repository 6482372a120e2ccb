// What a program does with the requests of its HTTP server: it decides from a request's head how
// the request is answered, then answers it. The server does the rest: sockets, TLS, limits and
// time.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "sync/wire/server/reply.hpp"

namespace rootlet::http {

// Header names are the same in any case (ASCII).
bool equal_ignoring_case(std::string_view a, std::string_view b);

// A request without its body. The views hold until the request is answered.
struct RequestHead {
  struct Field {
    std::string_view name;
    std::string_view value;
  };
  std::string_view method;         // as sent: "GET"
  std::string_view target;         // as sent: "/packs/x?after=1", or in absolute form
  std::vector<Field> fields = {};  // in the order of arrival; names may repeat
  std::string_view peer = {};      // the client's IP address; "" over a Unix socket
  // The client's user on this machine, by the kernel's word; -1 if unknown. Known over a Unix
  // socket; over TCP only from this machine and with ServerOptions::names_local_users.
  std::int64_t peer_uid = -1;
  std::int64_t peer_pid = -1;  // over a Unix socket only

  // The first field of this name (in any case), "" if there is none.
  std::string_view field(std::string_view name) const;
};

enum class RunOn {
  kIoThread,  // for answers that never wait: a file to open, a constant
  kPool,      // for all else; requests above ServerLimits::calls are answered 503
  // For rare answers that may wait for a lock: a pool of its own, so that they delay no other
  // answer; requests above ServerLimits::slow_calls are answered 503.
  kSlowPool
};

// How a request is to be answered.
struct Plan {
  std::optional<Reply> refusal = {};       // if set, the answer; the rest does not matter
  std::string_view methods = "GET, HEAD";  // any other is answered 405, with this as Allow
  // Bytes; 0 for requests without a body. A larger body is answered 413. Larger values than
  // ServerLimits::body_bytes have no effect.
  std::size_t body_bytes = 0;
  RunOn run_on = RunOn::kPool;
};

// Both functions are called from several threads at once, and may not throw.
class Handler {
 public:
  virtual ~Handler() = default;
  // Pure, on an I/O thread: no clock, file, lock or socket.
  virtual Plan plan(const RequestHead& head) const = 0;
  // Answers a request that fits its plan. `body` is whole and within the plan's limit. For HEAD the
  // server sends the reply's head only.
  virtual Reply answer(const RequestHead& head, Bytes body) = 0;
};

}  // namespace rootlet::http
