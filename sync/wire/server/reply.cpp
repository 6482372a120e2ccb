#include "sync/wire/server/reply.hpp"

namespace rootlet::http {

Reply bytes_reply(int status, std::string_view content_type, Bytes body) {
  Reply reply{.status = status};
  if (!body.empty()) reply.fields.push_back({"Content-Type", std::string(content_type)});
  reply.fields.push_back({"Cache-Control", "no-store"});
  reply.body = std::move(body);
  return reply;
}

Reply stream_reply(std::unique_ptr<Producer> producer) {
  Reply reply;
  reply.body = std::move(producer);
  return reply;
}

Reply error_reply(int status, std::string_view word) {
  return bytes_reply(status, kJsonType, to_bytes("{\"error\":\"" + std::string(word) + "\"}"));
}

Reply busy_reply(long retry_after_seconds) {
  Reply reply = error_reply(503, "busy");
  reply.fields.push_back({"Retry-After", std::to_string(retry_after_seconds)});
  return reply;
}

Reply too_large_reply(std::size_t limit_bytes) {
  const std::string limit = std::to_string(limit_bytes);
  const std::string message = limit_bytes == 0
                                  ? "this request takes no body"
                                  : "the body of this request may have at most " + limit + " bytes";
  return bytes_reply(413, kJsonType,
                     to_bytes("{\"error\":\"too_large\",\"limit_bytes\":" + limit +
                              ",\"message\":\"" + message + "\"}"));
}

}  // namespace rootlet::http
