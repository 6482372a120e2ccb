// Requests and answers of one connection with Boost.Beast (RFC 9112): a coroutine on a strand.
#include "sync/wire/server/connection.hpp"

#include <poll.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/none.hpp>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "sync/wire/server/messages.hpp"
#include "sync/wire/server/stream_pipe.hpp"
#include "sync/wire/server/system/http_date.hpp"

namespace rootlet::http {
namespace {

// One type for TCP and Unix sockets, so that all of this is compiled once.
using PlainStream = beast::basic_stream<asio::generic::stream_protocol, asio::any_io_executor>;

constexpr std::chrono::seconds kLingerTime{2};
constexpr std::size_t kLingerBytes = 4 * limits::kMiB;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// How often a connection looks whether its client is still there while it produces nothing.
constexpr std::chrono::milliseconds kLookTime{500};

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
      if (self->idle_) self->transport().socket().cancel(ignored);
    });
  }
  void cut() override {
    asio::dispatch(stream_.get_executor(),
                   [self = this->shared_from_this()] { self->transport().close(); });
  }

 private:
  static constexpr bool kTls = !std::is_same_v<Stream, PlainStream>;
  PlainStream& transport() { return beast::get_lowest_layer(stream_); }
  const ServerLimits& bounds() const { return context_->options.limits; }
  ConnectionTable& table() const { return context_->connections; }
  const std::string& log_name() const { return context_->options.log_name; }

  asio::awaitable<void> serve() {
    error_code failed;
    if constexpr (kTls) {
      transport().expires_after(bounds().handshake_time);
      co_await stream_.async_handshake(asio::ssl::stream_base::server, into(failed));
    }
    if (failed) {
      transport().close();
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
    Reply reply = co_await answer(parser);
    if (auto* producer = std::get_if<std::unique_ptr<Producer>>(&reply.body)) {
      served_ = true;
      co_return co_await answer_in_pieces(std::move(*producer), parser);
    }
    co_return co_await answer_at_once(response_of(std::move(reply)), parser);
  }

  asio::awaitable<bool> answer_at_once(Response response, const Parser& parser) {
    // The rest of an unread body would be parsed as the next request.
    const bool whole = parser.is_done();
    const bool sound = response.result() != protocol::status::bad_request;
    const bool keep = whole && sound && may_keep(parser);
    const bool written = co_await write(std::move(response), parser, keep);
    if (written && !whole) co_await linger();
    served_ = true;
    co_return (written && keep);
  }

  bool may_keep(const Parser& parser) const {
    return visitor_.admission == Admission::kServe && !context_->stopping &&
           parser.get().keep_alive();
  }

  // Waits for the first byte of a request, then header_time for the rest of its header.
  asio::awaitable<error_code> read_header(Parser& parser) {
    error_code failed;
    table().wait_for_request(*this);
    if (buffer_.size() == 0) {
      if (context_->stopping) co_return asio::error::operation_aborted;
      transport().expires_after(served_ ? bounds().idle_time : bounds().first_byte_time);
      idle_ = true;
      co_await protocol::async_read_some(stream_, buffer_, parser, into(failed));
      idle_ = false;
    }
    if (failed || parser.is_header_done()) co_return failed;
    transport().expires_after(bounds().header_time);
    co_await protocol::async_read_header(stream_, buffer_, parser, into(failed));
    co_return failed;
  }

  asio::awaitable<Reply> answer(Parser& parser) {
    if (visitor_.admission == Admission::kSendAway) co_return busy(*context_);
    RequestHead head = head_of(parser);
    head.peer = visitor_.peer;
    head.peer_uid = visitor_.uid;
    head.peer_pid = visitor_.pid;
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
    transport().expires_after(bounds().body_stall_time);
    if (beast::iequals(parser.get()[protocol::field::expect], "100-continue") &&
        !parser.is_done()) {
      co_await asio::async_write(stream_, asio::buffer(kContinue), into(failed));
      if (failed) co_return failed;
    }
    parser.eager(true);
    while (!failed && !parser.is_done()) {
      const auto pause = std::chrono::steady_clock::now() + bounds().body_stall_time;
      transport().expires_at(std::min(end, pause));
      co_await protocol::async_read_some(stream_, buffer_, parser, into(failed));
    }
    co_return failed;
  }

  template <typename Message>
  void add_common_fields(Message& message) const {
    message.set(protocol::field::date, http_date(system_clock().wall()));
    for (const Field& field : context_->options.fields) message.insert(field.name, field.value);
  }

  asio::awaitable<bool> write(Response response, const Parser& parser, bool keep) {
    add_common_fields(response);
    response.keep_alive(keep);
    if (parser.get().method() == protocol::verb::head) response.body() = {};
    protocol::response_serializer<PayloadBody> serializer(response);
    error_code failed;
    while (!failed && !serializer.is_done()) {
      transport().expires_after(bounds().stall_time);
      co_await protocol::async_write_some(stream_, serializer, into(failed));
    }
    co_return !failed;
  }

  // Sends the head and the chunks of an answer while a thread of the streams' pool produces them.
  asio::awaitable<bool> answer_in_pieces(std::unique_ptr<Producer> producer, const Parser& parser) {
    const Place place(context_->streams.taken, context_->streams.most);
    if (!place.granted()) co_return co_await answer_instead(busy(*context_), parser);
    if (parser.get().version() < 11) {
      const auto status = protocol::status::http_version_not_supported;
      co_return co_await answer_instead(refusal(status, "http_1_1_needed"), parser);
    }
    auto timer = std::make_shared<asio::steady_timer>(stream_.get_executor());
    auto pipe = std::make_shared<StreamPipe>([timer, strand = stream_.get_executor()] {
      asio::post(strand, [timer] { timer->cancel(); });
    });
    std::shared_ptr<Producer> shared = std::move(producer);
    asio::post(*context_->streams.threads, [pipe, shared] { pipe->run(*shared); });
    bool begun = false, there = true;
    while (true) {
      StreamPipe::Part part = pipe->take();
      if (part.empty()) {
        co_await wait_for_piece(*timer);
        there = there && !has_left();
      }
      if (part.head && there) {
        begun = true;
        const bool sent = co_await write_head(chunked_head_of(*part.head), may_keep(parser));
        there = sent && parser.get().method() != protocol::verb::head;
      }
      if (!part.piece.empty() && there) there = co_await write_chunk(part.piece);
      if (!there || context_->stopping) pipe->leave();
      if (!part.ended) continue;
      if (!begun && there) co_return co_await answer_instead(std::move(part.instead), parser);
      if (!there || part.instead) co_return false;
      const bool written = co_await write_last_chunk();
      co_return (written && may_keep(parser));
    }
  }

  asio::awaitable<bool> answer_instead(std::optional<Reply> reply, const Parser& parser) {
    if (!reply) reply = refusal(protocol::status::internal_server_error, "no_answer");
    co_return co_await answer_at_once(response_of(std::move(*reply)), parser);
  }

  asio::awaitable<void> wait_for_piece(asio::steady_timer& timer) {
    error_code cancelled;
    timer.expires_after(kLookTime);
    co_await timer.async_wait(into(cancelled));
  }

  // True if the client has closed its end; one that only stops reading shows in writing.
  bool has_left() {
    auto& socket = transport().socket();
    if (!socket.is_open()) return true;
    pollfd look{.fd = socket.native_handle(), .events = POLLRDHUP, .revents = 0};
    return ::poll(&look, 1, 0) > 0 && (look.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
  }

  asio::awaitable<bool> write_head(protocol::response<protocol::empty_body> head, bool keep) {
    add_common_fields(head);
    head.keep_alive(keep);
    protocol::response_serializer<protocol::empty_body> serializer(head);
    error_code failed;
    transport().expires_after(bounds().stall_time);
    co_await protocol::async_write_header(stream_, serializer, into(failed));
    co_return !failed;
  }

  asio::awaitable<bool> write_chunk(const Bytes& piece) {
    error_code failed;
    transport().expires_after(bounds().stall_time);
    const asio::const_buffer bytes(piece.data(), piece.size());
    co_await asio::async_write(stream_, protocol::make_chunk(bytes), into(failed));
    co_return !failed;
  }

  asio::awaitable<bool> write_last_chunk() {
    error_code failed;
    transport().expires_after(bounds().stall_time);
    co_await asio::async_write(stream_, protocol::make_chunk_last(), into(failed));
    co_return !failed;
  }

  // Closing a socket with unread bytes resets the connection, and the client may lose the answer.
  // So this reads and drops what still arrives, within limits.
  asio::awaitable<void> linger() {
    error_code failed;
    if constexpr (!kTls) transport().socket().shutdown(asio::socket_base::shutdown_send, failed);
    failed = {};
    transport().expires_after(kLingerTime);
    Bytes sink(16 * limits::kKiB);
    for (std::size_t total = 0; !failed && total < kLingerBytes;) {
      total += co_await stream_.async_read_some(asio::buffer(sink), into(failed));
    }
  }

  asio::awaitable<void> close() {
    error_code ignored;
    if constexpr (kTls) {
      transport().expires_after(kLingerTime);
      co_await stream_.async_shutdown(into(ignored));
    }
    transport().socket().shutdown(asio::socket_base::shutdown_both, ignored);
    transport().close();
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

void start_connection(asio::generic::stream_protocol::socket socket, asio::ssl::context* tls,
                      Visitor visitor, std::shared_ptr<ServerContext> context) {
  PlainStream stream(std::move(socket));
  if (tls == nullptr) {
    std::make_shared<Session<PlainStream>>(std::move(stream), std::move(visitor),
                                           std::move(context))
        ->start();
    return;
  }
  using TlsStream = beast::ssl_stream<PlainStream>;
  std::make_shared<Session<TlsStream>>(TlsStream(std::move(stream), *tls), std::move(visitor),
                                       std::move(context))
      ->start();
}

}  // namespace rootlet::http
