// Requests and answers of one connection with Boost.Beast (RFC 9112): a coroutine on a strand.
#include "sync/wire/server/connection.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/none.hpp>
#include <functional>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "sync/wire/server/http_date.hpp"
#include "sync/wire/server/payload_body.hpp"

namespace rootlet::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace protocol = beast::http;  // our own namespace is called http
using Parser = protocol::request_parser<protocol::vector_body<std::uint8_t>>;
using Response = protocol::response<PayloadBody>;
using Call = std::function<Reply()>;
using beast::error_code;

constexpr std::chrono::seconds kLingerTime{2};
constexpr std::size_t kLingerBytes = 4 * limits::kMiB;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

auto into(error_code& failed) {
  return asio::redirect_error(asio::use_awaitable, failed);
}

Reply refusal(protocol::status status, std::string_view word) {
  return error_reply(static_cast<int>(status), word);
}

Reply busy(const ServerContext& context) {
  return busy_reply(context.options.limits.retry_after_seconds);
}

Response response_of(Reply reply) {
  Response response;
  response.result(static_cast<unsigned>(reply.status));
  for (const Field& field : reply.fields) response.insert(field.name, field.value);
  response.body() = std::move(reply.body);
  const bool has_length = response.result() != protocol::status::not_modified &&
                          response.result() != protocol::status::no_content;
  if (has_length) response.content_length(PayloadBody::size(response.body()));
  return response;
}

std::string_view text_of(beast::string_view text) {
  return {text.data(), text.size()};
}

// Views into the parser, which must outlive it.
RequestHead head_of(const Parser& parser) {
  const auto& message = parser.get();
  RequestHead head{.method = text_of(message.method_string()), .target = text_of(message.target())};
  for (const auto& field : message) {
    head.fields.push_back({text_of(field.name_string()), text_of(field.value())});
  }
  return head;
}

bool allows(std::string_view methods, std::string_view method) {
  while (!methods.empty()) {
    const std::size_t end = std::min(methods.find(", "), methods.size());
    if (methods.substr(0, end) == method) return true;
    methods.remove_prefix(std::min(end + 2, methods.size()));
  }
  return false;
}

// The answer to a header or body that cannot be read; nothing for a client that left.
std::optional<Reply> reply_to_unreadable(const error_code& failed) {
  if (failed == protocol::error::header_limit) {
    return refusal(protocol::status::request_header_fields_too_large, "header_too_large");
  }
  const bool left =
      failed == protocol::error::end_of_stream || failed == protocol::error::partial_message;
  if (left || failed.category() != make_error_code(protocol::error::bad_version).category())
    return {};
  return refusal(protocol::status::bad_request, "bad_request");
}

asio::awaitable<Reply> run(Call call) {
  co_return call();
}

template <typename Stream>
class Session final : public Connection, public std::enable_shared_from_this<Session<Stream>> {
 public:
  Session(Stream stream, Visitor visitor, std::shared_ptr<ServerContext> context)
      : stream_(std::move(stream)), visitor_(std::move(visitor)), context_(std::move(context)) {}

  void start() {
    auto self = this->shared_from_this();
    table().add(self, visitor_.client);
    asio::co_spawn(
        stream_.get_executor(), [self] { return self->serve(); },
        [self](const std::exception_ptr& thrown) {
          // Out of memory, for example: this ends the connection, not the server.
          if (thrown) log_error(self->log_name() + ": a connection ended with an exception");
          self->table().remove(*self);
        });
  }
  void finish() override {
    asio::dispatch(stream_.get_executor(), [self = this->shared_from_this()] {
      error_code ignored;
      if (self->idle_) self->tcp().socket().cancel(ignored);
    });
  }
  void cut() override {
    asio::dispatch(stream_.get_executor(),
                   [self = this->shared_from_this()] { self->tcp().close(); });
  }

 private:
  static constexpr bool kTls = !std::is_same_v<Stream, beast::tcp_stream>;
  beast::tcp_stream& tcp() { return beast::get_lowest_layer(stream_); }
  const ServerLimits& bounds() const { return context_->options.limits; }
  ConnectionTable& table() const { return context_->connections; }
  const std::string& log_name() const { return context_->options.log_name; }

  asio::awaitable<void> serve() {
    error_code failed;
    if constexpr (kTls) {
      tcp().expires_after(bounds().handshake_time);
      co_await stream_.async_handshake(asio::ssl::stream_base::server, into(failed));
    }
    if (failed) {
      tcp().close();
      co_return;
    }
    while (co_await serve_one()) continue;
    co_await close();
  }

  // One request and its answer; false when the connection is to close.
  asio::awaitable<bool> serve_one() {
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(bounds().header_bytes));
    parser.body_limit(boost::none);  // refuse() and answer_with_body() know the plan's limit
    const error_code failed = co_await read_header(parser);
    if (failed) {
      if (auto reply = reply_to_unreadable(failed)) {
        co_await write(response_of(std::move(*reply)), parser, false);
        co_await linger();
      }
      co_return false;
    }
    if (!table().begin_answer(*this)) co_return false;
    Response response = response_of(co_await answer(parser));
    // The rest of an unread body would be parsed as the next request.
    const bool whole = parser.is_done();
    const bool sound = response.result() != protocol::status::bad_request;
    const bool serve_on = visitor_.admission == Admission::kServe && !context_->stopping;
    const bool keep = whole && sound && serve_on && parser.get().keep_alive();
    const bool written = co_await write(std::move(response), parser, keep);
    if (written && !whole) co_await linger();
    served_ = true;
    co_return (written && keep);
  }

  // Waits for the first byte of a request, then header_time for the rest of its header.
  asio::awaitable<error_code> read_header(Parser& parser) {
    error_code failed;
    table().wait_for_request(*this);
    if (buffer_.size() == 0) {
      if (context_->stopping) co_return asio::error::operation_aborted;
      tcp().expires_after(served_ ? bounds().idle_time : bounds().first_byte_time);
      idle_ = true;
      co_await protocol::async_read_some(stream_, buffer_, parser, into(failed));
      idle_ = false;
    }
    if (failed || parser.is_header_done()) co_return failed;
    tcp().expires_after(bounds().header_time);
    co_await protocol::async_read_header(stream_, buffer_, parser, into(failed));
    co_return failed;
  }

  asio::awaitable<Reply> answer(Parser& parser) {
    if (visitor_.admission == Admission::kSendAway) co_return busy(*context_);
    const RequestHead head = head_of(parser);
    Plan plan = context_->handler.plan(head);
    if (auto refused = refuse(parser, head, plan)) co_return std::move(*refused);
    if (plan.body_bytes == 0 && plan.run_on == RunOn::kIoThread) {
      co_return context_->handler.answer(head, {});
    }
    const SharePlace share(context_->shares,
                           client_of_request(visitor_.peer, head, context_->options.proxies),
                           bounds().calls_per_client);
    if (!share.granted()) co_return busy(*context_);
    if (plan.body_bytes > 0) co_return co_await answer_with_body(parser, head, plan);
    co_return co_await run_handler(head, plan.run_on, {});
  }

  // What is wrong with a request before its body is read.
  std::optional<Reply> refuse(const Parser& parser, const RequestHead& head, Plan& plan) const {
    const auto& message = parser.get();
    if (message.version() >= 11 && message.count(protocol::field::host) != 1) {
      return refusal(protocol::status::bad_request, "bad_request");
    }
    if (plan.refusal) return std::move(plan.refusal);
    if (!allows(plan.methods, head.method)) {
      Reply reply = refusal(protocol::status::method_not_allowed, "method_not_allowed");
      reply.fields.push_back({"Allow", std::string(plan.methods)});
      return reply;
    }
    const std::size_t limit = body_limit(plan);
    if (parser.content_length().value_or(0) > limit || (parser.chunked() && limit == 0)) {
      return too_large_reply(limit);
    }
    return {};
  }

  std::size_t body_limit(const Plan& plan) const {
    return std::min(plan.body_bytes, bounds().body_bytes);
  }

  asio::awaitable<Reply> answer_with_body(Parser& parser, const RequestHead& head,
                                          const Plan& plan) {
    const ConnectionTable::Upload place = table().begin_upload(*this);
    if (place == ConnectionTable::Upload::kBusy) co_return busy(*context_);
    parser.body_limit(body_limit(plan));  // a chunked body is measured as it comes
    const error_code failed = co_await read_body(parser);
    if (failed == protocol::error::body_limit) co_return too_large_reply(body_limit(plan));
    if (failed || !table().begin_answer(*this)) {
      auto reply = reply_to_unreadable(failed);
      co_return reply ? std::move(*reply)
                      : refusal(protocol::status::request_timeout, "request_timeout");
    }
    co_return co_await run_handler(head, plan.run_on, std::move(parser.get().body()));
  }

  asio::awaitable<Reply> run_handler(const RequestHead& head, RunOn run_on, Bytes body) {
    if (run_on == RunOn::kIoThread) co_return context_->handler.answer(head, std::move(body));
    CallPool& pool = run_on == RunOn::kPool ? context_->pool : context_->slow_pool;
    const Place place(pool.taken, pool.most);
    if (!place.granted()) co_return busy(*context_);
    Call call = [&handler = context_->handler, &head, body = std::move(body)]() mutable {
      return handler.answer(head, std::move(body));
    };
    co_return co_await asio::co_spawn(pool.threads->get_executor(), run(std::move(call)),
                                      asio::use_awaitable);
  }

  asio::awaitable<error_code> read_body(Parser& parser) {
    error_code failed;
    const auto end = std::chrono::steady_clock::now() + bounds().body_time;
    tcp().expires_after(bounds().body_stall_time);
    if (beast::iequals(parser.get()[protocol::field::expect], "100-continue") &&
        !parser.is_done()) {
      co_await asio::async_write(stream_, asio::buffer(kContinue), into(failed));
      if (failed) co_return failed;
    }
    parser.eager(true);
    while (!failed && !parser.is_done()) {
      const auto pause = std::chrono::steady_clock::now() + bounds().body_stall_time;
      tcp().expires_at(std::min(end, pause));
      co_await protocol::async_read_some(stream_, buffer_, parser, into(failed));
    }
    co_return failed;
  }

  asio::awaitable<bool> write(Response response, const Parser& parser, bool keep) {
    response.set(protocol::field::date, http_date(system_clock().wall()));
    response.keep_alive(keep);
    if (parser.get().method() == protocol::verb::head) response.body() = {};
    protocol::response_serializer<PayloadBody> serializer(response);
    error_code failed;
    while (!failed && !serializer.is_done()) {
      tcp().expires_after(bounds().stall_time);
      co_await protocol::async_write_some(stream_, serializer, into(failed));
    }
    co_return !failed;
  }

  // Closing a socket with unread bytes resets the connection, and the client may lose the answer.
  // So this reads and drops what still arrives, within limits.
  asio::awaitable<void> linger() {
    error_code failed;
    if constexpr (!kTls) tcp().socket().shutdown(asio::ip::tcp::socket::shutdown_send, failed);
    failed = {};
    tcp().expires_after(kLingerTime);
    Bytes sink(16 * limits::kKiB);
    for (std::size_t total = 0; !failed && total < kLingerBytes;) {
      total += co_await stream_.async_read_some(asio::buffer(sink), into(failed));
    }
  }

  asio::awaitable<void> close() {
    error_code ignored;
    if constexpr (kTls) {
      tcp().expires_after(kLingerTime);
      co_await stream_.async_shutdown(into(ignored));
    }
    tcp().socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    tcp().close();
  }

  Stream stream_;
  const Visitor visitor_;
  const std::shared_ptr<ServerContext> context_;
  beast::flat_buffer buffer_{kBufferBytes};
  bool idle_ = false;    // waiting for the first byte of a request
  bool served_ = false;  // has answered a request

  // For headers and a piece of a body; larger than any header limit.
  static constexpr std::size_t kBufferBytes = 128 * limits::kKiB;
};

}  // namespace

void start_connection(asio::ip::tcp::socket socket, asio::ssl::context* tls, Visitor visitor,
                      std::shared_ptr<ServerContext> context) {
  beast::tcp_stream stream(std::move(socket));
  if (tls == nullptr) {
    std::make_shared<Session<beast::tcp_stream>>(std::move(stream), std::move(visitor),
                                                 std::move(context))
        ->start();
    return;
  }
  using TlsStream = beast::ssl_stream<beast::tcp_stream>;
  std::make_shared<Session<TlsStream>>(TlsStream(std::move(stream), *tls), std::move(visitor),
                                       std::move(context))
      ->start();
}

}  // namespace rootlet::http
