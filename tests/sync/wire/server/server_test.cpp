// The HTTP server with a handler of its own: what a plan decides, and who answers. Limits, TLS and
// stop() are tested over the gateway (tests/platform/gateway).
#include "sync/wire/server/server.hpp"

#include <doctest/doctest.h>
#include <sys/mman.h>

#include <mutex>
#include <set>
#include <thread>

#include "tests/sync/wire/raw_client.hpp"

using namespace rootlet;
using test::RawClient;

namespace {

// One path per way to answer; each answer names method, body and a header field.
class PathHandler final : public http::Handler {
 public:
  http::Plan plan(const http::RequestHead& head) const override {
    if (head.target == "/forbidden") {
      return {.refusal = http::error_reply(403, "forbidden"), .methods = "", .body_bytes = 9};
    }
    if (head.target == "/upload") return {.methods = "POST, PUT", .body_bytes = 4};
    if (head.target == "/upload-now") {
      return {.methods = "PUT", .body_bytes = 4, .run_on = http::RunOn::kIoThread};
    }
    if (head.target == "/now") return {.run_on = http::RunOn::kIoThread};
    return {};
  }
  http::Reply answer(const http::RequestHead& head, Bytes body) override {
    {
      const std::lock_guard lock(mutex_);
      (head.target.ends_with("now") ? io_threads_ : pool_threads_)
          .insert(std::this_thread::get_id());
    }
    if (head.target == "/empty") return {.status = 204};
    if (head.target == "/span") return span();
    const std::string text = std::string(head.method) + " " + std::string(as_text(body)) + " " +
                             std::string(head.field("x-word"));
    return http::bytes_reply(200, "text/plain", to_bytes(text));
  }
  bool io_and_pool_are_apart() {
    const std::lock_guard lock(mutex_);
    for (const auto& id : io_threads_) {
      if (pool_threads_.contains(id)) return false;
    }
    return !io_threads_.empty() && !pool_threads_.empty();
  }

 private:
  static http::Reply span() {
    UniqueFd file(::memfd_create("span", MFD_CLOEXEC));
    REQUIRE(::write(file.get(), "0123456789", 10) == 10);
    http::Reply reply{.status = 200, .fields = {{"X-Kind", "span"}}};
    reply.body = http::FileSpan{std::move(file), 3, 4};
    return reply;
  }
  std::mutex mutex_;
  std::set<std::thread::id> io_threads_, pool_threads_;
};

struct Site {
  PathHandler handler;
  http::Server server = test::must(http::Server::start({.listen = "127.0.0.1:0"}, handler));
  std::string ask(const std::string& request_line, const std::string& rest = "\r\n") const {
    return RawClient(server.port())
        .ask(request_line + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + rest);
  }
};

}  // namespace

TEST_CASE(
    "server: the handler gets method, body and header fields, in the pool or on an I/O thread") {
  Site site;
  CHECK(site.ask("GET /x").ends_with("\r\n\r\nGET  "));
  CHECK(site.ask("GET /now", "X-WORD: hello\r\n\r\n").ends_with("\r\n\r\nGET  hello"));
  CHECK(site.ask("POST /upload", "Content-Length: 4\r\n\r\nabcd").ends_with("POST abcd "));
  CHECK(site.ask("PUT /upload-now", "Content-Length: 2\r\n\r\nab").ends_with("PUT ab "));
  CHECK(site.handler.io_and_pool_are_apart());
}

TEST_CASE("server: a refusal of the plan is the answer, and comes before its other rules") {
  Site site;
  const std::string heard = site.ask("DELETE /forbidden", "Content-Length: 99\r\n\r\n");
  CHECK(heard.starts_with("HTTP/1.1 403 Forbidden\r\n"));
  CHECK(heard.ends_with("{\"error\":\"forbidden\"}"));
}

TEST_CASE("server: methods and bodies outside the plan never reach the handler") {
  Site site;
  const std::string wrong = site.ask("GET /upload");
  CHECK(wrong.starts_with("HTTP/1.1 405 "));
  CHECK(wrong.find("Allow: POST, PUT\r\n") != std::string::npos);
  for (const char* method : {"PO", "POST,", "PUTS", "post"}) {
    CAPTURE(method);
    CHECK(site.ask(std::string(method) + " /upload").find("HTTP/1.1 40") == 0);
  }
  CHECK(site.ask("PUT /upload", "Content-Length: 5\r\n\r\nabcde").starts_with("HTTP/1.1 413 "));
  CHECK(site.ask("GET /x", "Content-Length: 1\r\n\r\na").starts_with("HTTP/1.1 413 "));
}

TEST_CASE("server: a span of a file is sent with its length; HEAD gets the same head alone") {
  Site site;
  const std::string heard = site.ask("GET /span");
  CHECK(heard.find("Content-Length: 4\r\n") != std::string::npos);
  CHECK(heard.find("X-Kind: span\r\n") != std::string::npos);
  CHECK(heard.ends_with("\r\n\r\n3456"));
  const std::string head = site.ask("HEAD /span");
  CHECK(head.find("Content-Length: 4\r\n") != std::string::npos);
  CHECK(head.ends_with("\r\n\r\n"));
}

TEST_CASE("server: an answer without content has no length, a reply may not be cached") {
  Site site;
  CHECK(site.ask("GET /empty").find("Content-Length") == std::string::npos);
  CHECK(site.ask("GET /x").find("Cache-Control: no-store\r\n") != std::string::npos);
}
