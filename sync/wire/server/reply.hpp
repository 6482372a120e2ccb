// The answer to one request: a status, header fields, and a body of bytes, of a span of a file, or
// of pieces that a producer writes one after the other.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/bytes.hpp"
#include "core/file/descriptor.hpp"

namespace rootlet::http {

inline constexpr std::string_view kJsonType = "application/json";

// Sent in pieces from an open file, so that a replaced file is sent as it was. A file that becomes
// shorter while it is sent breaks the connection.
struct FileSpan {
  UniqueFd file = {};
  std::uint64_t offset = 0;  // bytes
  std::uint64_t length = 0;  // bytes
};

struct Field {
  std::string name;
  std::string value;
};

struct Reply;

// Where the pieces of a streamed answer go. For the producer's thread only.
class ReplyStream {
 public:
  virtual ~ReplyStream() = default;
  // Sends the status and the fields of `head`; its body is ignored. Once, before the first write().
  virtual void begin(Reply head) = 0;
  // Waits while the client has much to take. False if nobody will read the rest.
  virtual bool write(ByteView piece) = 0;
  // True if the client has left, the server stops, or nothing moved for ServerLimits::stall_time.
  virtual bool is_gone() const = 0;
};

// Writes an answer of any size or duration (server-sent events), on a thread of its own: one of
// ServerOptions::stream_threads. The body travels in chunks (RFC 9112, 7.1), so it needs HTTP/1.1.
class Producer {
 public:
  virtual ~Producer() = default;
  // Called once; may not throw. The reply to send instead, if begin() was not called. A reply
  // returned after begin() cannot be sent: it says that the body is not whole, and the connection
  // breaks, so that the client notices.
  virtual std::optional<Reply> produce(ReplyStream& out) = 0;
};

// The server adds Content-Length or Transfer-Encoding, Date and Connection, and drops the body for
// HEAD. With a producer, `status` and `fields` are those that it gives to begin().
struct Reply {
  int status = 200;
  std::vector<Field> fields = {};
  std::variant<Bytes, FileSpan, std::unique_ptr<Producer>> body = {};
};

Reply stream_reply(std::unique_ptr<Producer> producer);

// `body` as `content_type`, not to be stored by caches.
Reply bytes_reply(int status, std::string_view content_type, Bytes body);
// {"error":"<word>"} as JSON, not to be stored by caches. `word` needs no escaping.
Reply error_reply(int status, std::string_view word);
// 503 {"error":"busy"} with Retry-After.
Reply busy_reply(long retry_after_seconds);
// 413 with the limit: {"error":"too_large","limit_bytes":N,"message":"…"}. 0: no body is taken.
Reply too_large_reply(std::size_t limit_bytes);

}  // namespace rootlet::http
