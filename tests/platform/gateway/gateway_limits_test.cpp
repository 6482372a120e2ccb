// The gateway and its HTTP server against clients that are too many, too large or too slow; stop(),
// addresses and TLS.
#include <doctest/doctest.h>

#include <cstdlib>
#include <future>
#include <thread>
#include <vector>

#include "tests/platform/gateway/gateway_fixture.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace std::chrono_literals;
using test::must;
using test::RawClient;
using test::Site;

namespace {

template <typename Work>
auto time_of(Work work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::steady_clock::now() - begin;
}

Result<HttpResponse> send_apart(const HttpRequest& request) {
  HttpClient client;
  return client.send(request);
}

// A self-signed certificate for 127.0.0.1, and its key.
void make_certificate(const fs::path& folder, const std::string& name) {
  const std::string at = (folder / name).string();
  const std::string command =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
      "-subj /CN=rootlet -addext subjectAltName=IP:127.0.0.1 -keyout " +
      at + ".key -out " + at + ".pem 2>/dev/null";
  REQUIRE(std::system(command.c_str()) == 0);
}

}  // namespace

TEST_CASE("gateway: a body above its limit is 413, with a declared length or chunked") {
  Site site;
  site.options.batch_bytes = 1000;
  site.options.enrolment_bytes = 100;
  site.start();
  HttpClient client;
  const auto status = [&](const std::string& path, std::size_t size) {
    return must(client.send(site.post(path, Bytes(size)))).status;
  };
  CHECK(status("v1/batches", 1000) == 200);
  CHECK(status("v1/batches", 1001) == 413);
  CHECK(status("v1/batches", 3'000'000) == 413);
  CHECK(status("v1/enroll", 100) == 200);
  CHECK(status("v1/enroll", 101) == 413);
  const std::string chunked =
      "POST /v1/enroll HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string piece = "40\r\n" + std::string(64, 'x') + "\r\n";
  CHECK(RawClient(site.gateway->port()).ask(chunked + piece + piece).starts_with("HTTP/1.1 413 "));
  CHECK(RawClient(site.gateway->port())
            .ask("GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx")
            .starts_with("HTTP/1.1 413 "));
  CHECK(RawClient(site.gateway->port())
            .ask("POST /v1/batches HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999\r\n\r\n")
            .starts_with("HTTP/1.1 413 "));
}

TEST_CASE("gateway: a header above its limit is 431") {
  Site site;
  site.start();
  std::string request = "GET /healthz HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 2000; ++i) request += "X-Flood: 0123456789\r\n";
  CHECK(RawClient(site.gateway->port()).ask(request).starts_with("HTTP/1.1 431 "));
  CHECK(RawClient(site.gateway->port())
            .ask("GET /" + std::string(20'000, 'a'))
            .starts_with("HTTP/1.1 431 "));
}

TEST_CASE("gateway: headers and bodies that drip are cut, idle connections closed") {
  Site site;
  site.options.limits.idle_time = 600ms;
  site.options.limits.header_time = 300ms;
  site.options.limits.body_time = 300ms;
  site.start();
  const auto spent = time_of([&] {
    RawClient quiet(site.gateway->port());
    CHECK(quiet.hear_all() == "");
  });
  CHECK(spent > 500ms);
  CHECK(spent < 5s);
  for (const char* begin : {"GET /heal",
                            "POST /v1/enroll HTTP/1.1\r\nHost: x\r\n"
                            "Content-Length: 50\r\n\r\n"}) {
    RawClient drip(site.gateway->port());
    drip.say(begin);
    int drops = 0;
    while (drops < 40 && drip.say("x")) {
      std::this_thread::sleep_for(50ms);
      ++drops;
    }
    CHECK(drops < 40);
  }
}

TEST_CASE("gateway: a client that does not read is disconnected") {
  Site site;
  site.options.limits.stall_time = 300ms;
  site.write("packs/cd/large.pack", "x");
  fs::resize_file(site.dir / "packs/cd/large.pack", 64 * limits::kMiB);
  site.start();
  RawClient client(site.gateway->port());
  client.say("GET /packs/cd/large.pack HTTP/1.1\r\nHost: x\r\n\r\n");
  std::this_thread::sleep_for(1500ms);
  CHECK(client.hear_all().size() < 63 * limits::kMiB);
}

TEST_CASE("gateway: files are served while every call is blocked") {
  Site site;
  site.options.pool_threads = 2;
  site.start();
  site.api.hold();
  std::vector<std::future<Result<HttpResponse>>> batches;
  for (int i = 0; i < 4; ++i) {
    batches.push_back(std::async(std::launch::async, send_apart, site.post("v1/batches", {1})));
  }
  REQUIRE(site.api.wait_for_calls(2));
  HttpClient client;
  for (int i = 0; i < 20; ++i) {
    CHECK(must(client.send(site.get("packs/ab/x.pack"))).status == 200);
  }
  site.api.let_go();
  for (auto& batch : batches) CHECK(must(batch.get()).status == 200);
}

TEST_CASE("gateway: calls above the limit are answered 503 with Retry-After") {
  Site site;
  site.options.pool_threads = 1;
  site.options.limits.calls = 2;
  site.options.limits.retry_after_seconds = 9;
  site.start();
  site.api.hold();
  auto first = std::async(std::launch::async, send_apart, site.post("v1/batches", {1}));
  REQUIRE(site.api.wait_for_calls(1));
  auto second = std::async(std::launch::async, send_apart, site.post("v1/batches", {2}));
  // The second waits in the queue, where the API does not see it: repeat until a third is refused.
  HttpResponse refused;
  for (int i = 0; i < 200 && refused.status != 503; ++i) {
    std::this_thread::sleep_for(10ms);
    HttpRequest probe = site.post("v1/batches", {3});
    probe.total_time = 1s;
    if (auto answer = send_apart(probe)) refused = answer.value();
  }
  CHECK(refused.status == 503);
  CHECK(refused.retry_after_seconds == 9);
  site.api.let_go();
  CHECK(must(first.get()).status == 200);
  second.wait();
}

TEST_CASE("gateway: uploads above the limit are answered 503") {
  Site site;
  site.options.limits.uploads = 1;
  site.start();
  const std::string head = "POST /v1/enroll HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n";
  RawClient slow(site.gateway->port());
  slow.say(head + "Expect: 100-continue\r\nConnection: close\r\n\r\n");
  REQUIRE(slow.hear_until("\r\n\r\n").starts_with("HTTP/1.1 100 "));
  const std::string refused = RawClient(site.gateway->port()).ask(head + "\r\n");
  CHECK(refused.starts_with("HTTP/1.1 503 "));
  CHECK(refused.find("Retry-After: 5\r\n") != std::string::npos);
  CHECK(slow.ask("ab").ends_with("enroll:ab"));
}

TEST_CASE("gateway: connections above the limit are answered 503") {
  Site site;
  site.options.limits.connections = 3;
  site.start();
  {
    std::vector<std::unique_ptr<RawClient>> quiet;
    for (int i = 0; i < 3; ++i) quiet.push_back(std::make_unique<RawClient>(site.gateway->port()));
    std::this_thread::sleep_for(100ms);
    HttpClient client;
    const HttpResponse refused = must(client.send(site.get("packs/ab/x.pack")));
    CHECK(refused.status == 503);
    CHECK(refused.retry_after_seconds == site.options.limits.retry_after_seconds);
  }
  std::this_thread::sleep_for(200ms);
  HttpClient client;
  CHECK(must(client.send(site.get("packs/ab/x.pack"))).status == 200);
}

TEST_CASE("gateway: a flood of connections does not take the gateway down") {
  Site site;
  site.options.limits.connections = 4;
  site.start();
  {
    std::vector<std::unique_ptr<RawClient>> many;
    for (int i = 0; i < 200; ++i) many.push_back(std::make_unique<RawClient>(site.gateway->port()));
  }
  std::this_thread::sleep_for(300ms);
  HttpClient client;
  CHECK(must(client.send(site.get("healthz"))).status == 200);
}

TEST_CASE("gateway: stop waits for a running call and its answer") {
  Site site;
  site.start();
  site.api.hold();
  auto batch = std::async(std::launch::async, send_apart, site.post("v1/batches", {'z'}));
  REQUIRE(site.api.wait_for_calls(1));
  auto stopping = std::async(std::launch::async, [&] { site.gateway->stop(); });
  CHECK(stopping.wait_for(200ms) == std::future_status::timeout);
  site.api.let_go();
  stopping.wait();
  CHECK(as_text(must(batch.get()).body) == "batch:z");
  CHECK(test::code_of(send_apart(site.get("healthz"))) == ErrorCode::kUnreachable);
}

TEST_CASE("gateway: stop does not wait for idle connections") {
  Site site;
  site.start();
  RawClient quiet(site.gateway->port());
  HttpClient kept;
  CHECK(must(kept.send(site.get("healthz"))).status == 200);
  CHECK(time_of([&] { site.gateway->stop(); }) < 1s);
  CHECK(quiet.hear_all() == "");
  site.gateway->stop();
}

TEST_CASE("gateway: stop cuts slow transfers, drops waiting calls, and waits for a running one") {
  Site site;
  site.options.pool_threads = 1;
  site.options.limits.stop_time = 200ms;
  site.write("packs/cd/large.pack", "x");
  fs::resize_file(site.dir / "packs/cd/large.pack", 64 * limits::kMiB);
  site.start();
  site.api.hold();
  auto first = std::async(std::launch::async, send_apart, site.post("v1/batches", {1}));
  REQUIRE(site.api.wait_for_calls(1));
  auto second = std::async(std::launch::async, send_apart, site.post("v1/batches", {2}));
  RawClient slow(site.gateway->port());
  slow.say("GET /packs/cd/large.pack HTTP/1.1\r\nHost: x\r\n\r\n");
  std::this_thread::sleep_for(200ms);
  auto stopping = std::async(std::launch::async, [&] { site.gateway->stop(); });
  std::this_thread::sleep_for(600ms);
  site.api.let_go();
  CHECK(stopping.wait_for(5s) == std::future_status::ready);
  CHECK(site.api.finished() == 1);
  CHECK(first.get().has_error());
  CHECK(second.get().has_error());
}

TEST_CASE("gateway: an address that cannot be used is an error at start") {
  Site site;
  site.start();
  GatewayOptions options = site.options;
  options.listen = "127.0.0.1:" + std::to_string(site.gateway->port());
  CHECK(test::code_of(Gateway::start(options, site.api)) == ErrorCode::kBusy);
  for (const char* wrong : {"", "8420", ":8420", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000",
                            "::1:8420", "[]:1", "no.such.host.invalid:1", "203.0.113.1:8420"}) {
    CAPTURE(wrong);
    options.listen = wrong;
    CHECK(test::code_of(Gateway::start(options, site.api)) == ErrorCode::kUsage);
  }
}

TEST_CASE("gateway: a client accepts TLS from the authority that it pinned, and no other") {
  Site site;
  make_certificate(site.dir.path(), "own");
  make_certificate(site.dir.path(), "other");
  site.options.tls_certificate = site.dir / "own.pem";
  site.options.tls_key = site.dir / "own.key";
  site.start();
  REQUIRE(site.gateway->url().starts_with("https://"));

  HttpClient pinned({.ca_file = (site.dir / "own.pem").string()});
  HttpRequest request = site.get("packs/ab/x.pack");
  CHECK(as_text(must(pinned.send(request)).body) == "0123456789");
  request.range_from = 8;
  CHECK(as_text(must(pinned.send(request)).body) == "89");
  const Bytes batch(limits::kBatchBytes, 'b');
  CHECK(must(pinned.send(site.post("v1/batches", batch))).body.size() == batch.size() + 6);

  HttpClient as_text_pinned({.ca_pem = must(read_text_file(site.dir / "own.pem", 10'000))});
  CHECK(must(as_text_pinned.send(site.get("healthz"))).status == 200);
  HttpClient other({.ca_file = (site.dir / "other.pem").string()});
  CHECK(test::code_of(other.send(site.get("healthz"))) == ErrorCode::kUntrusted);
  HttpClient system_store;
  CHECK(test::code_of(system_store.send(site.get("healthz"))) == ErrorCode::kUntrusted);
  HttpClient missing({.ca_file = "/no/such/authority.pem"});
  CHECK(test::code_of(missing.send(site.get("healthz"))) == ErrorCode::kUsage);
  HttpRequest wrong_name = site.get("healthz");
  wrong_name.url = "https://localhost:" + std::to_string(site.gateway->port()) + "/healthz";
  CHECK(test::code_of(pinned.send(wrong_name)) == ErrorCode::kUntrusted);
}

TEST_CASE("gateway: TLS survives plain text, silence and stop") {
  Site site;
  make_certificate(site.dir.path(), "own");
  site.options.tls_certificate = site.dir / "own.pem";
  site.options.tls_key = site.dir / "own.key";
  site.options.limits.handshake_time = 300ms;
  site.start();
  RawClient silent(site.gateway->port());
  CHECK(RawClient(site.gateway->port())
            .ask("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            .find("HTTP/1.1") == std::string::npos);
  CHECK(silent.hear_all().find("TIMEOUT") == std::string::npos);
  HttpClient client({.ca_file = (site.dir / "own.pem").string()});
  CHECK(must(client.send(site.get("healthz"))).status == 200);
  CHECK(time_of([&] { site.gateway->stop(); }) < 5s);
}

TEST_CASE("gateway: a certificate or key that cannot be used is an error at start") {
  Site site;
  make_certificate(site.dir.path(), "own");
  make_certificate(site.dir.path(), "other");
  const auto code = [&](const std::string& certificate, const std::string& key) {
    GatewayOptions options = site.options;
    if (!certificate.empty()) options.tls_certificate = site.dir / certificate;
    if (!key.empty()) options.tls_key = site.dir / key;
    return test::code_of(Gateway::start(options, site.api));
  };
  CHECK(code("own.pem", "") == ErrorCode::kUsage);
  CHECK(code("", "own.key") == ErrorCode::kUsage);
  CHECK(code("none.pem", "own.key") == ErrorCode::kUsage);
  CHECK(code("own.pem", "none.key") == ErrorCode::kUsage);
  CHECK(code("own.pem", "own.pem") == ErrorCode::kUsage);
  CHECK(code("own.pem", "other.key") == ErrorCode::kUsage);
}
