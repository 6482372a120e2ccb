// Answers that a producer writes piece by piece, and clients of a Unix socket.
#include <sys/un.h>

#include <atomic>
#include <thread>

#include "sync/wire/server/server.hpp"
#include "sync/wire/server/system/peer_user.hpp"
#include "tests/sync/wire/raw_client.hpp"

using namespace rootlet;
using test::RawClient;

namespace {

std::optional<http::Reply> whole() {
  return std::nullopt;
}

class LambdaProducer final : public http::Producer {
 public:
  using Work = std::function<std::optional<http::Reply>(http::ReplyStream&)>;
  explicit LambdaProducer(Work work) : work_(std::move(work)) {}
  std::optional<http::Reply> produce(http::ReplyStream& out) override { return work_(out); }

 private:
  Work work_;
};

class StreamHandler final : public http::Handler {
 public:
  http::Plan plan(const http::RequestHead&) const override { return {}; }
  http::Reply answer(const http::RequestHead& head, Bytes) override {
    uid = head.peer_uid;
    peer = std::string(head.peer);
    if (head.target == "/plain") return http::bytes_reply(200, "text/plain", to_bytes("plain"));
    const std::string target(head.target);
    return http::stream_reply(std::make_unique<LambdaProducer>(
        [this, target](http::ReplyStream& out) { return produce(target, out); }));
  }

  std::atomic<std::int64_t> uid = -2;
  std::string peer;
  std::atomic<std::uint64_t> written = 0;
  std::atomic<bool> saw_end = false;

 private:
  std::optional<http::Reply> produce(const std::string& target, http::ReplyStream& out) {
    if (target == "/refused") return http::error_reply(403, "refused");
    out.begin({.status = 200, .fields = {{"Content-Type", "text/csv"}}});
    if (target == "/broken") {
      out.write(as_bytes("half"));
      return http::Reply();
    }
    if (target == "/endless") {
      const Bytes piece(64 * 1024, 'x');
      while (out.write(piece)) written += piece.size();
      saw_end = true;
      return whole();
    }
    if (target == "/silent") {
      while (!out.is_gone()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
      saw_end = true;
      return whole();
    }
    for (int i = 0; i < 20'000; ++i) out.write(as_bytes("0123456789"));
    return whole();
  }
};

struct Site {
  StreamHandler handler;
  http::Server server = test::must(http::Server::start(
      {.listen = "127.0.0.1:0", .stream_threads = 2, .names_local_users = true}, handler));
  std::string ask(const std::string& target, const std::string& version = "1.1") const {
    return RawClient(server.port())
        .ask("GET " + target + " HTTP/" + version + "\r\nHost: x\r\nConnection: close\r\n\r\n");
  }
};

// The body of an answer in chunks; its end is "CUT" if the last chunk is missing.
std::string chunked_body(const std::string& heard) {
  std::string out, left = heard.substr(heard.find("\r\n\r\n") + 4);
  while (true) {
    const std::size_t end = left.find("\r\n");
    if (end == std::string::npos) return out + "CUT";
    const std::size_t size = std::stoul(left.substr(0, end), nullptr, 16);
    if (size == 0) return out;
    out += left.substr(end + 2, size);
    left.erase(0, end + 2 + size + 2);
  }
}

bool wait_for(const std::atomic<bool>& flag) {
  for (int i = 0; i < 500 && !flag; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return flag;
}

}  // namespace

TEST_CASE("stream: an answer of any size arrives whole, in chunks, with its own fields") {
  Site site;
  const std::string heard = site.ask("/large");
  CHECK(heard.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(heard.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
  CHECK(heard.find("Content-Type: text/csv\r\n") != std::string::npos);
  const std::string body = chunked_body(heard);
  CHECK(body.size() == 200'000);
  CHECK(body.starts_with("01234567890123"));
}

TEST_CASE("stream: a connection serves on after an answer in pieces") {
  Site site;
  RawClient client(site.server.port());
  client.say("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.hear_until("\r\n0\r\n\r\n").ends_with("\r\n0\r\n\r\n"));
  CHECK(client.ask("GET /plain HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .ends_with("\r\n\r\nplain"));
}

TEST_CASE("stream: a producer that cannot begin answers with its own status") {
  Site site;
  const std::string heard = site.ask("/refused");
  CHECK(heard.starts_with("HTTP/1.1 403 "));
  CHECK(heard.ends_with("{\"error\":\"refused\"}"));
}

TEST_CASE("stream: a body that is not whole breaks off, so that the client notices") {
  Site site;
  CHECK(chunked_body(site.ask("/broken")) == "halfCUT");
}

TEST_CASE("stream: a client of HTTP/1.0 cannot get chunks, and is answered 505") {
  Site site;
  CHECK(site.ask("/large", "1.0").find(" 505 ") != std::string::npos);
}

TEST_CASE("stream: a producer waits for a client that does not read, and ends when it leaves") {
  Site site;
  {
    RawClient client(site.server.port());
    client.say("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n");
    client.hear_until("\r\n\r\n");
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    const std::uint64_t before = site.handler.written;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    CHECK(site.handler.written == before);
    CHECK(before < 32 * 1024 * 1024);  // the kernel's buffers and ours
    CHECK_FALSE(site.handler.saw_end);
  }
  CHECK(wait_for(site.handler.saw_end));
}

TEST_CASE("stream: a producer that has nothing to say notices that its client left") {
  Site site;
  {
    RawClient client(site.server.port());
    client.say("GET /silent HTTP/1.1\r\nHost: x\r\n\r\n");
    client.hear_until("\r\n\r\n");
  }
  CHECK(wait_for(site.handler.saw_end));
}

TEST_CASE("stream: more streams than threads are answered 503; stopping ends those that run") {
  Site site;
  RawClient one(site.server.port()), two(site.server.port());
  for (RawClient* client : {&one, &two}) {
    client->say("GET /silent HTTP/1.1\r\nHost: x\r\n\r\n");
    client->hear_until("\r\n\r\n");
  }
  CHECK(site.ask("/large").starts_with("HTTP/1.1 503 "));
  CHECK(site.ask("/plain").ends_with("plain"));
  site.server.stop();
  CHECK(site.handler.saw_end);
}

TEST_CASE("unix socket: the kernel names the user at the other end") {
  test::TempDir folder;
  const std::string path = (folder / "api.sock").string();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const auto* plain = reinterpret_cast<const sockaddr*>(&address);
  UniqueFd listening(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::bind(listening.get(), plain, sizeof address) == 0);
  REQUIRE(::listen(listening.get(), 4) == 0);
  StreamHandler handler;
  http::Server server = test::must(
      http::Server::start({.listen = "", .stream_threads = 1}, handler, std::move(listening)));
  CHECK(server.port() == 0);
  UniqueFd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::connect(client.get(), plain, sizeof address) == 0);
  const std::string request = "GET /plain HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  REQUIRE(::send(client.get(), request.data(), request.size(), 0) > 0);
  std::string heard;
  char buffer[4096];
  for (ssize_t count; (count = ::recv(client.get(), buffer, sizeof buffer, 0)) > 0;) {
    heard.append(buffer, static_cast<std::size_t>(count));
  }
  CHECK(heard.ends_with("\r\n\r\nplain"));
  CHECK(handler.uid == static_cast<std::int64_t>(::getuid()));
  CHECK(handler.peer.empty());
}

TEST_CASE("loopback: the user at the other end of a TCP connection is known") {
  Site site;
  CHECK(site.ask("/plain").ends_with("plain"));
  CHECK(site.handler.uid == static_cast<std::int64_t>(::getuid()));
  CHECK(site.handler.peer == "127.0.0.1");
}

TEST_CASE("loopback: the table of sockets is read by both ends, and an unknown one is nobody") {
  http::ConnectionEnds ends{.own_port = 8421, .peer_port = 40000};
  REQUIRE(::inet_pton(AF_INET6, "::ffff:127.0.0.1", &ends.own_address) == 1);
  ends.peer_address = ends.own_address;
  const std::string table =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout\n"
      "   0: 0100007F:20E5 0100007F:9C40 01 00000000:00000000 00:00000000 00000000   104        0\n"
      "   1: 0100007F:9C40 0100007F:20E5 01 00000000:00000000 00:00000000 00000000  1000        "
      "0\n";
  CHECK(http::user_in_table(table, ends) == 1000);
  // Closed by its program: such a line says user 0.
  std::string closed = table;
  closed.replace(closed.find("1000"), 4, "   0");
  closed.replace(closed.find("20E5 01", closed.find("   1:")), 7, "20E5 06");
  CHECK(http::user_in_table(closed, ends) == -1);
  ends.peer_port = 40001;
  CHECK(http::user_in_table(table, ends) == -1);
}
