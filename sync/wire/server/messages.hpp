// Requests and answers in Beast's types and ours. For connection.cpp only.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <functional>

#include "sync/wire/server/context.hpp"
#include "sync/wire/server/payload_body.hpp"

namespace rootlet::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace protocol = beast::http;  // our own namespace is called http
using Parser = protocol::request_parser<protocol::vector_body<std::uint8_t>>;
using Response = protocol::response<PayloadBody>;
using Call = std::function<Reply()>;
using beast::error_code;

inline auto into(error_code& failed) {
  return asio::redirect_error(asio::use_awaitable, failed);
}

inline Reply refusal(protocol::status status, std::string_view word) {
  return error_reply(static_cast<int>(status), word);
}

inline Reply busy(const ServerContext& context) {
  return busy_reply(context.options.limits.retry_after_seconds);
}

inline Response response_of(Reply reply) {
  Response response;
  response.result(static_cast<unsigned>(reply.status));
  for (const Field& field : reply.fields) response.insert(field.name, field.value);
  if (auto* bytes = std::get_if<Bytes>(&reply.body)) response.body() = std::move(*bytes);
  if (auto* span = std::get_if<FileSpan>(&reply.body)) response.body() = std::move(*span);
  const bool has_length = response.result() != protocol::status::not_modified &&
                          response.result() != protocol::status::no_content;
  if (has_length) response.content_length(PayloadBody::size(response.body()));
  return response;
}

inline std::string_view text_of(beast::string_view text) {
  return {text.data(), text.size()};
}

// Views into the parser, which must outlive it.
inline RequestHead head_of(const Parser& parser) {
  const auto& message = parser.get();
  RequestHead head{.method = text_of(message.method_string()), .target = text_of(message.target())};
  for (const auto& field : message) {
    head.fields.push_back({text_of(field.name_string()), text_of(field.value())});
  }
  return head;
}

inline bool allows(std::string_view methods, std::string_view method) {
  while (!methods.empty()) {
    const std::size_t end = std::min(methods.find(", "), methods.size());
    if (methods.substr(0, end) == method) return true;
    methods.remove_prefix(std::min(end + 2, methods.size()));
  }
  return false;
}

// The answer to a header or body that cannot be read; nothing for a client that left.
inline std::optional<Reply> reply_to_unreadable(const error_code& failed) {
  if (failed == protocol::error::header_limit) {
    return refusal(protocol::status::request_header_fields_too_large, "header_too_large");
  }
  const bool left =
      failed == protocol::error::end_of_stream || failed == protocol::error::partial_message;
  if (left || failed.category() != make_error_code(protocol::error::bad_version).category())
    return {};
  return refusal(protocol::status::bad_request, "bad_request");
}

// The head of an answer whose body follows in chunks.
inline protocol::response<protocol::empty_body> chunked_head_of(const Reply& reply) {
  protocol::response<protocol::empty_body> head;
  head.result(static_cast<unsigned>(reply.status));
  for (const Field& field : reply.fields) head.insert(field.name, field.value);
  head.chunked(true);
  return head;
}

inline asio::awaitable<Reply> run(Call call) {
  co_return call();
}

}  // namespace rootlet::http
