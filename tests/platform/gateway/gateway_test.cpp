// The gateway over real sockets, with the HTTP client of the agent.
#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/platform/gateway/gateway_fixture.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using test::must;
using test::RawClient;
using test::Site;

namespace {

struct Running : Site {
  HttpClient client;
  Running() { start(); }
  std::string raw(const std::string& text) const { return RawClient(gateway->port()).ask(text); }
};

}  // namespace

TEST_CASE("gateway: with port 0 the real port is reported") {
  Running site;
  CHECK(site.gateway->port() != 0);
  CHECK(site.gateway->url() == "http://127.0.0.1:" + std::to_string(site.gateway->port()));
  CHECK(must(site.client.send(site.get("healthz"))).status == 200);
}

TEST_CASE("gateway: a file that may change has a type and an ETag, others only their bytes") {
  Running site;
  const HttpResponse pack = must(site.client.send(site.get("packs/ab/x.pack")));
  CHECK(pack.status == 200);
  CHECK(as_text(pack.body) == "0123456789");
  CHECK(pack.content_type.empty());  // every field costs each office bytes
  CHECK(pack.etag.empty());
  const HttpResponse timestamp = must(site.client.send(site.get("metadata/timestamp.json")));
  CHECK(timestamp.content_type == "application/json");
  CHECK(timestamp.etag.starts_with('"'));
  CHECK(must(site.client.send(site.get("metadata/2.root.json"))).status == 404);
}

TEST_CASE("gateway: Prometheus hears when each role's newest signature ends") {
  Running site;
  const auto signed_until = [](std::string_view end) {
    return R"({"signed":{"expires":")" + std::string(end) + R"("},"signatures":[]})";
  };
  site.write("metadata/9.root.json", signed_until("2026-01-01T00:00:00Z"));
  site.write("metadata/10.root.json", signed_until("2027-01-01T00:00:00Z"));
  site.write("metadata/3.publisher-1a.json", signed_until("2027-02-01T00:00:00Z"));
  site.write("metadata/4.broken.json", "{");
  site.write("metadata/timestamp.json", signed_until("2026-11-30T00:00:00Z"));
  const HttpResponse answer = must(site.client.send(site.get("metrics")));
  CHECK(answer.status == 200);
  CHECK(answer.content_type.starts_with("text/plain"));
  const std::string text(as_text(answer.body));
  CHECK(text.find("\nrootlet_role_ends_seconds{role=\"root\"} 1798761600\n") != std::string::npos);
  CHECK(text.find("{role=\"publisher-1a\"} 1801440000\n") != std::string::npos);
  CHECK(text.find("{role=\"timestamp\"} 1795996800\n") != std::string::npos);
  CHECK(text.find("broken") == std::string::npos);
}

TEST_CASE("gateway: a poll without news costs less than 350 bytes, headers included") {
  Running site;
  HttpRequest request = site.get("metadata/timestamp.json");
  request.if_none_match = must(site.client.send(request)).etag;
  const Traffic before = site.client.traffic();
  CHECK(must(site.client.send(request)).status == 304);
  const Traffic after = site.client.traffic();
  const auto bytes = after.bytes_down - before.bytes_down + after.bytes_up - before.bytes_up;
  MESSAGE("poll without news: ", bytes, " bytes");
  CHECK(bytes < 350);
  site.write("metadata/timestamp.json", "{\"signed\":{}}");
  CHECK(must(site.client.send(request)).status == 200);
}

TEST_CASE("gateway: a cut download resumes at the byte") {
  Running site;
  HttpRequest rest = site.get("packs/ab/x.pack");
  rest.range_from = 4;
  HttpResponse response = must(site.client.send(rest));
  CHECK(response.status == 206);
  CHECK(response.range_start == 4);
  CHECK(as_text(response.body) == "456789");
  rest.range_to = 6;
  CHECK(as_text(must(site.client.send(rest)).body) == "456");
  rest.if_range = response.etag;
  CHECK(must(site.client.send(rest)).status == 206);
  rest.if_range = "\"another\"";
  response = must(site.client.send(rest));
  CHECK(response.status == 200);
  CHECK(as_text(response.body) == "0123456789");
  rest.if_range.clear();
  rest.range_from = 10;
  rest.range_to.reset();
  CHECK(must(site.client.send(rest)).status == 416);
}

TEST_CASE("gateway: HEAD gets the head of GET without the body") {
  Running site;
  const std::string heard = site.raw(
      "HEAD /packs/ab/x.pack HTTP/1.1\r\nHost: x\r\nRange: bytes=2-\r\nConnection: close\r\n\r\n");
  CHECK(heard.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(heard.find("Content-Length: 10\r\n") != std::string::npos);
  CHECK(heard.find("Accept-Ranges: bytes\r\n") != std::string::npos);
  CHECK(heard.ends_with("\r\n\r\n"));
  CHECK(site.raw("HEAD /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .ends_with("\r\n\r\n"));
}

TEST_CASE("gateway: no way out of the repository") {
  Running site;
  site.write("realm.key", "secret");
  site.write("keys/root-1.json", "secret");
  site.write("metadata/.hidden.json", "secret");
  site.write("metadata/1.root.json.new", "secret");
  for (const char* target :
       {"/realm.key", "/keys/root-1.json", "/metadata/../realm.key",
        "/metadata/../keys/root-1.json", "/metadata/%2e%2e/realm.key",
        "/metadata/%2e%2e%2fkeys%2froot-1.json", "/metadata/.hidden.json",
        "/metadata/1.root.json.new", "/metadata/..\\realm.key", "/packs/ab/../../keys/root-1.json",
        "//etc/passwd", "/metadata//../realm.key", "/", "http://x/../realm.key",
        "/metadata/1.root.json%00.json"}) {
    CAPTURE(target);
    const std::string heard = site.raw("GET " + std::string(target) +
                                       " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    CHECK(heard.starts_with("HTTP/1.1 404 "));
    CHECK(heard.find("secret") == std::string::npos);
  }
}

TEST_CASE("gateway: each route reaches its call with body, address and number") {
  Running site;
  const auto text = [&](const HttpRequest& request) {
    return std::string(as_text(must(site.client.send(request)).body));
  };
  CHECK(text(site.post("v1/enroll", Bytes{'a', 'b'})) == "enroll:ab");
  CHECK(text(site.post("v1/batches", Bytes{})) == "batch:");
  const std::string address(32, 'a');
  CHECK(text(site.get("v1/mailbox/" + address + "?after=5")) == "mailbox " + address + " 5:");
  CHECK(must(site.client.send(site.get("v1/status"))).status == 409);
  const Bytes largest(limits::kBatchBytes, 'x');
  CHECK(must(site.client.send(site.post("v1/batches", largest))).body.size() ==
        limits::kBatchBytes + 6);
}

TEST_CASE("gateway: a wrong method is 405 with the allowed ones") {
  Running site;
  const std::string heard =
      site.raw("DELETE /packs/ab/x.pack HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  CHECK(heard.starts_with("HTTP/1.1 405 "));
  CHECK(heard.find("Allow: GET, HEAD\r\n") != std::string::npos);
  CHECK(site.raw("GET /v1/batches HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .find("Allow: POST\r\n") != std::string::npos);
  CHECK(fs::exists(site.dir / "packs/ab/x.pack"));
}

TEST_CASE("gateway: malformed HTTP is 400") {
  Running site;
  CHECK(site.raw("GET /healthz HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 400 "));
  CHECK(
      site.raw("GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n").starts_with("HTTP/1.1 400 "));
  CHECK(site.raw("nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
  CHECK(site.raw("POST /v1/batches HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
                 "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
            .starts_with("HTTP/1.1 400 "));
  CHECK(site.raw("POST /v1/batches HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
            .starts_with("HTTP/1.1 400 "));
}

TEST_CASE("gateway: an HTTP/1.0 client is served and disconnected") {
  Running site;
  const std::string heard = site.raw("GET /packs/ab/x.pack HTTP/1.0\r\n\r\n");
  CHECK(heard.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(heard.ends_with("0123456789"));
}

TEST_CASE("gateway: pipelined requests are answered in order") {
  Running site;
  const std::string get = " HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string heard =
      site.raw("GET /packs/ab/x.pack" + get +
               "POST /v1/enroll HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc" +
               "GET /metadata/none.json" + get +
               "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nGET /late" + get);
  const std::size_t file = heard.find("0123456789");
  const std::size_t echo = heard.find("enroll:abc");
  const std::size_t missing = heard.find("HTTP/1.1 404 ");
  const std::size_t health = heard.find("{\"status\":\"ok\"}");
  CHECK(file < echo);
  CHECK(echo < missing);
  CHECK(missing < health);
  CHECK(health + 15 == heard.size());
}

TEST_CASE("gateway: a chunked body arrives whole") {
  Running site;
  const std::string heard = site.raw(
      "POST /v1/enroll HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
      "Connection: close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  CHECK(heard.ends_with("enroll:abcde"));
}

TEST_CASE("gateway: Expect: 100-continue is answered before the body") {
  Running site;
  RawClient client(site.gateway->port());
  client.say(
      "POST /v1/enroll HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n"
      "Connection: close\r\n\r\n");
  CHECK(client.hear_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(client.ask("ab").ends_with("enroll:ab"));
}

TEST_CASE("gateway: a large file is sent without being loaded") {
  Site site;
  constexpr std::uint64_t kSize = 300ULL * limits::kMiB;
  site.write("packs/cd/large.pack", "begin");
  fs::resize_file(site.dir / "packs/cd/large.pack", kSize);
  site.start();
  HttpClient client;
  HttpRequest request = site.get("packs/cd/large.pack");
  request.max_bytes = kSize;
  std::uint64_t seen = 0;
  request.on_data = [&](ByteView piece) -> Status {
    seen += piece.size();
    return ok();
  };
  const auto peak_kib = [] {
    const std::string status = must(read_text_file("/proc/self/status", 64 * 1024));
    return std::stoull(status.substr(status.find("VmHWM:") + 6));
  };
  const auto before = peak_kib();
  CHECK(must(client.send(request)).status == 200);
  CHECK(seen == kSize);
  CHECK(peak_kib() - before < 32 * 1024);
}

TEST_CASE("gateway: a file replaced while it is sent is sent as it was") {
  Site site;
  const std::string old_text(8 * limits::kMiB, 'o');
  site.write("packs/cd/busy.pack", old_text);
  site.start();
  RawClient client(site.gateway->port());
  client.say("GET /packs/cd/busy.pack HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  client.hear_until("\r\n\r\n");
  site.write("packs/cd/busy.pack", std::string(8 * limits::kMiB, 'n'));
  CHECK((client.hear_all() == old_text));
  HttpClient next;
  HttpRequest request = site.get("packs/cd/busy.pack");
  request.max_bytes = 8 * limits::kMiB;
  CHECK(must(next.send(request)).body.front() == 'n');
}

TEST_CASE("gateway: a file that becomes shorter breaks the connection") {
  Site site;
  const std::string name = "packs/cd/shrinks.pack";
  site.write(name, std::string(32 * limits::kMiB, 'x'));
  site.start();
  HttpClient client;
  HttpRequest request = site.get(name);
  request.max_bytes = 32 * limits::kMiB;
  request.on_head = [&](const HttpResponse&) -> Status {
    fs::resize_file(site.dir / name, 10);
    return ok();
  };
  CHECK(test::code_of(client.send(request)) == ErrorCode::kUnreachable);
}

TEST_CASE("gateway: many clients at once read whole files while one is replaced") {
  Running site;
  std::atomic<int> good = 0;
  std::atomic<bool> done = false;
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      HttpClient client;
      for (int k = 0; k < 50; ++k) {
        const auto pack = client.send(site.get("packs/ab/x.pack"));
        const auto time = client.send(site.get("metadata/timestamp.json"));
        if (!pack || !time || as_text(pack.value().body) != "0123456789") continue;
        const auto text = as_text(time.value().body);
        const bool whole = text == "{\"signed\":{}}" || text == std::string(5'000, 'y');
        if (whole) ++good;
      }
    });
  }
  std::thread writer([&] {
    while (!done) {
      site.write("metadata/timestamp.json", std::string(5'000, 'y'));
      site.write("metadata/timestamp.json", "{\"signed\":{}}");
    }
  });
  for (std::thread& client : clients) client.join();
  done = true;
  writer.join();
  CHECK(good == 8 * 50);
}
