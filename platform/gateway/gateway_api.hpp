// What the gateway asks of the platform behind it: bytes in, an answer out. The gateway knows
// nothing of offices, batches or mail; the platform nothing of connections.
#pragma once

#include <cstdint>
#include <string>

#include "core/bytes.hpp"

namespace rootlet::platform {

struct ApiReply {
  int status = 200;
  std::string content_type = "application/json";
  Bytes body = {};
  long retry_after_seconds = 0;  // 0: no Retry-After field
};

// Called from several threads at once. A call may take its time: the gateway serves files
// meanwhile, and answers 503 to calls above http::ServerLimits::calls.
class GatewayApi {
 public:
  virtual ~GatewayApi() = default;
  virtual ApiReply enroll(Bytes body) = 0;  // POST /v1/enroll
  virtual ApiReply batch(Bytes body) = 0;   // POST /v1/batches; durable before it returns
  // GET /v1/mailbox/<address>?after=N; the address is 32 lower-case hex digits.
  virtual ApiReply mailbox(std::string address, std::uint64_t after) = 0;
  virtual ApiReply status() = 0;  // GET /v1/status
};

}  // namespace rootlet::platform
