#include "sync/wire/server/reply.hpp"

namespace rootlet::http {

Reply bytes_reply(int status, std::string_view content_type, Bytes body) {
  Reply reply{.status = status};
  if (!body.empty()) reply.fields.push_back({"Content-Type", std::string(content_type)});
  reply.fields.push_back({"Cache-Control", "no-store"});
  reply.body = std::move(body);
  return reply;
}

Reply error_reply(int status, std::string_view word) {
  return bytes_reply(status, kJsonType, to_bytes("{\"error\":\"" + std::string(word) + "\"}"));
}

}  // namespace rootlet::http
