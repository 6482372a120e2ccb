// The answer to one request: a status, header fields, and a body of bytes or of a span of a file.
#pragma once

#include <cstdint>
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

// The server adds Content-Length, Date and Connection, and drops the body for HEAD.
struct Reply {
  int status = 200;
  std::vector<Field> fields = {};
  // Streamed answers (server-sent events) would be a third alternative.
  std::variant<Bytes, FileSpan> body = {};
};

// `body` as `content_type`, not to be stored by caches.
Reply bytes_reply(int status, std::string_view content_type, Bytes body);
// {"error":"<word>"} as JSON, not to be stored by caches. `word` needs no escaping.
Reply error_reply(int status, std::string_view word);
// 503 {"error":"busy"} with Retry-After.
Reply busy_reply(long retry_after_seconds);
// 413 with the limit: {"error":"too_large","limit_bytes":N,"message":"…"}. 0: no body is taken.
Reply too_large_reply(std::size_t limit_bytes);

}  // namespace rootlet::http
