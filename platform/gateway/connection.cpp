#include "platform/gateway/connection.hpp"

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
#include <functional>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "platform/gateway/files.hpp"
#include "platform/gateway/http_date.hpp"
#include "platform/gateway/payload_body.hpp"
#include "platform/gateway/route.hpp"

namespace rootlet::platform::gateway {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Parser = http::request_parser<http::vector_body<std::uint8_t>>;
using Response = http::response<PayloadBody>;
using Call = std::function<ApiReply()>;
using beast::error_code;

constexpr std::chrono::seconds kLingerTime{2};
constexpr std::size_t kLingerBytes = 4 * limits::kMiB;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

auto into(error_code& failed) {
  return asio::redirect_error(asio::use_awaitable, failed);
}

ApiReply refusal(http::status status, std::string_view word) {
  ApiReply reply{.status = static_cast<int>(status)};
  reply.body = to_bytes("{\"error\":\"" + std::string(word) + "\"}");
  return reply;
}

ApiReply busy(const Hub& hub) {
  ApiReply reply = refusal(http::status::service_unavailable, "busy");
  reply.retry_after_seconds = hub.options.limits.retry_after_seconds;
  return reply;
}

Response response_of(ApiReply reply) {
  Response response;
  response.result(static_cast<unsigned>(reply.status));
  if (!reply.body.empty()) response.set(http::field::content_type, reply.content_type);
  if (reply.retry_after_seconds > 0) {
    response.set(http::field::retry_after, std::to_string(reply.retry_after_seconds));
  }
  response.set(http::field::cache_control, "no-store");
  response.content_length(reply.body.size());
  response.body().bytes = std::move(reply.body);
  return response;
}

Response response_of(FileAnswer answer) {
  if (answer.status == 404) return response_of(refusal(http::status::not_found, "not_found"));
  Response response;
  response.result(static_cast<unsigned>(answer.status));
  response.set(http::field::etag, answer.etag);
  response.set(http::field::cache_control, answer.cache_control);
  if (!answer.content_range.empty()) {
    response.set(http::field::content_range, answer.content_range);
  }
  if (answer.status == 304) return response;
  // Metadata is taken whole; a header more would cost each office bytes in each sync.
  const bool is_metadata = answer.content_type == kJsonType;
  if (answer.status == 200 && !is_metadata) response.set(http::field::accept_ranges, "bytes");
  if (answer.status != 416) response.set(http::field::content_type, answer.content_type);
  response.content_length(answer.length);
  if (answer.length == 0) return response;
  response.body().file = std::move(answer.file);
  response.body().offset = answer.offset;
  response.body().length = answer.length;
  return response;
}

// What a header that cannot be read is answered with; nothing for a client that left.
std::optional<ApiReply> reply_to_unreadable(const error_code& failed) {
  if (failed == http::error::header_limit) {
    return refusal(http::status::request_header_fields_too_large, "header_too_large");
  }
  if (failed == http::error::body_limit) {
    return refusal(http::status::payload_too_large, "too_large");
  }
  const bool left = failed == http::error::end_of_stream || failed == http::error::partial_message;
  if (left || failed.category() != make_error_code(http::error::bad_version).category()) return {};
  return refusal(http::status::bad_request, "bad_request");
}

std::uint64_t body_limit_of(Verb verb, const GatewayLimits& bounds) {
  if (verb == Verb::kEnroll) return bounds.enrolment_bytes;
  return verb == Verb::kBatch ? bounds.batch_bytes : 0;
}

asio::awaitable<ApiReply> run(Call call) {
  co_return call();
}

std::string_view field(const Parser& parser, http::field name) {
  const auto value = parser.get()[name];
  return {value.data(), value.size()};
}

template <typename Stream>
class Session final : public Connection, public std::enable_shared_from_this<Session<Stream>> {
 public:
  Session(Stream stream, Admission admission, std::shared_ptr<Hub> hub)
      : stream_(std::move(stream)), admission_(admission), hub_(std::move(hub)) {}

  void start() {
    auto self = this->shared_from_this();
    hub_->add(self);
    asio::co_spawn(
        stream_.get_executor(), [self] { return self->serve(); },
        [self](const std::exception_ptr& thrown) {
          // Asio reports what it cannot return; the connection is over, the gateway is not.
          if (thrown) log_error("gateway: a connection ended with an exception");
          self->hub_->remove(self);
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
  using Bounds = GatewayLimits;

  beast::tcp_stream& tcp() { return beast::get_lowest_layer(stream_); }
  const Bounds& bounds() const { return hub_->options.limits; }

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
    parser.body_limit(std::max(bounds().batch_bytes, bounds().enrolment_bytes));
    const error_code failed = co_await read_header(parser);
    if (failed) {
      if (auto reply = reply_to_unreadable(failed)) {
        co_await write(response_of(std::move(*reply)), parser, false);
        co_await linger();
      }
      co_return false;
    }
    Response response = co_await answer(parser);
    // A body that was not read would be taken for the next request.
    const bool whole = parser.is_done();
    const bool sound = response.result() != http::status::bad_request;
    const bool serve_on = admission_ == Admission::kServe && !hub_->stopping;
    const bool keep = whole && sound && serve_on && parser.get().keep_alive();
    const bool written = co_await write(std::move(response), parser, keep);
    if (written && !whole) co_await linger();
    co_return (written && keep);
  }

  // Waits as long as a quiet client may be quiet; from its first byte on, the header must come.
  asio::awaitable<error_code> read_header(Parser& parser) {
    error_code failed;
    if (buffer_.size() == 0) {
      if (hub_->stopping) co_return asio::error::operation_aborted;
      tcp().expires_after(bounds().idle_time);
      idle_ = true;
      co_await http::async_read_some(stream_, buffer_, parser, into(failed));
      idle_ = false;
    }
    if (failed || parser.is_header_done()) co_return failed;
    tcp().expires_after(bounds().header_time);
    co_await http::async_read_header(stream_, buffer_, parser, into(failed));
    co_return failed;
  }

  asio::awaitable<Response> answer(Parser& parser) {
    const auto& head = parser.get();
    const Route route = route_of({head.target().data(), head.target().size()});
    if (admission_ == Admission::kSendAway) co_return response_of(busy(*hub_));
    const auto refused = refuse(parser, route);
    if (refused) co_return refused_response(*refused, route.verb);
    if (body_limit_of(route.verb, bounds()) > 0) co_return co_await take_upload(parser, route.verb);
    if (route.verb == Verb::kFile) co_return file_response(parser, route);
    co_return response_of(co_await call_api(route));
  }

  // What is wrong with a request before its body is looked at.
  std::optional<ApiReply> refuse(Parser& parser, const Route& route) const {
    const auto& head = parser.get();
    if (head.version() >= 11 && head.count(http::field::host) != 1) {
      return refusal(http::status::bad_request, "bad_request");
    }
    if (route.verb == Verb::kNone) return refusal(http::status::not_found, "not_found");
    const bool read = head.method() == http::verb::get || head.method() == http::verb::head;
    const bool takes_body = body_limit_of(route.verb, bounds()) > 0;
    if (takes_body ? head.method() != http::verb::post : !read) {
      return refusal(http::status::method_not_allowed, "method_not_allowed");
    }
    const std::uint64_t most = body_limit_of(route.verb, bounds());
    if (parser.content_length().value_or(0) > most || (parser.chunked() && most == 0)) {
      return refusal(http::status::payload_too_large, "too_large");
    }
    return {};
  }

  static Response refused_response(const ApiReply& reply, Verb verb) {
    Response response = response_of(reply);
    if (reply.status == static_cast<int>(http::status::method_not_allowed)) {
      response.set(http::field::allow, methods_of(verb));
    }
    return response;
  }

  Response file_response(const Parser& parser, const Route& route) const {
    return response_of(answer_file(hub_->options.repository,
                                   {.segments = route.segments,
                                    .head_only = parser.get().method() == http::verb::head,
                                    .if_none_match = field(parser, http::field::if_none_match),
                                    .range = field(parser, http::field::range),
                                    .if_range = field(parser, http::field::if_range)}));
  }

  asio::awaitable<Response> take_upload(Parser& parser, Verb verb) {
    const Place place(hub_->uploads, bounds().uploads);
    if (!place.granted()) co_return response_of(busy(*hub_));
    parser.body_limit(body_limit_of(verb, bounds()));  // a chunked body is measured as it comes
    const error_code failed = co_await read_body(parser);
    if (failed) {
      auto reply = reply_to_unreadable(failed);
      co_return response_of(reply ? std::move(*reply)
                                  : refusal(http::status::request_timeout, "request_timeout"));
    }
    Bytes body = std::move(parser.get().body());
    Hub& hub = *hub_;
    Call call = [&hub, verb, body = std::move(body)]() mutable {
      return verb == Verb::kEnroll ? hub.api.enroll(std::move(body))
                                   : hub.api.batch(std::move(body));
    };
    co_return response_of(co_await call_in_pool(std::move(call)));
  }

  asio::awaitable<error_code> read_body(Parser& parser) {
    error_code failed;
    tcp().expires_after(bounds().body_time);
    if (beast::iequals(parser.get()[http::field::expect], "100-continue") && !parser.is_done()) {
      co_await asio::async_write(stream_, asio::buffer(kContinue), into(failed));
      if (failed) co_return failed;
    }
    co_await http::async_read(stream_, buffer_, parser, into(failed));
    co_return failed;
  }

  asio::awaitable<ApiReply> call_api(Route route) {
    if (route.verb == Verb::kHealth) co_return ApiReply{.body = to_bytes("{\"status\":\"ok\"}")};
    Hub& hub = *hub_;
    Call call = [&hub, route] {
      return route.verb == Verb::kMailbox ? hub.api.mailbox(route.address, route.after)
                                          : hub.api.status();
    };
    co_return co_await call_in_pool(std::move(call));
  }

  asio::awaitable<ApiReply> call_in_pool(Call call) {
    const Place place(hub_->calls, bounds().calls);
    if (!place.granted()) co_return busy(*hub_);
    co_return co_await asio::co_spawn(hub_->pool->get_executor(), run(std::move(call)),
                                      asio::use_awaitable);
  }

  asio::awaitable<bool> write(Response response, const Parser& parser, bool keep) {
    response.set(http::field::date, http_date(system_clock().wall()));
    response.keep_alive(keep);
    if (parser.get().method() == http::verb::head) response.body() = {};
    http::response_serializer<PayloadBody> serializer(response);
    error_code failed;
    while (!failed && !serializer.is_done()) {
      tcp().expires_after(bounds().stall_time);
      co_await http::async_write_some(stream_, serializer, into(failed));
    }
    co_return !failed;
  }

  // A socket closed with unread bytes resets, and the answer could be lost with it; so what is
  // still coming is read for a while.
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
  const Admission admission_;
  const std::shared_ptr<Hub> hub_;
  beast::flat_buffer buffer_{kBufferBytes};
  bool idle_ = false;  // waiting for the first byte of a request

  // Headers and a piece of a body; the header limit bites first.
  static constexpr std::size_t kBufferBytes = 128 * limits::kKiB;
};

}  // namespace

void start_connection(asio::ip::tcp::socket socket, asio::ssl::context* tls, Admission admission,
                      std::shared_ptr<Hub> hub) {
  beast::tcp_stream stream(std::move(socket));
  if (tls == nullptr) {
    std::make_shared<Session<beast::tcp_stream>>(std::move(stream), admission, std::move(hub))
        ->start();
    return;
  }
  using TlsStream = beast::ssl_stream<beast::tcp_stream>;
  std::make_shared<Session<TlsStream>>(TlsStream(std::move(stream), *tls), admission,
                                       std::move(hub))
      ->start();
}

}  // namespace rootlet::platform::gateway
