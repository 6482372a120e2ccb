// The gateway and its HTTP server against clients that are too many, too large or too slow; stop(),
// addresses and TLS.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <future>
#include <vector>

#include "core/format/json.hpp"
#include "tests/platform/gateway/gateway_fixture.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace std::chrono_literals;
using test::must;
using test::RawClient;
using test::Site;

namespace {

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
  const HttpResponse refused = must(client.send(site.post("v1/batches", Bytes(1001))));
  CHECK(refused.content_type == "application/json");
  const json::value why = must(parse_json(as_text(refused.body), "refusal"));
  CHECK(why.at("error") == "too_large");
  CHECK(why.at("limit_bytes") == 1000);
  CHECK(why.at("message").as_string().find("1000 bytes") != std::string::npos);
  const std::string chunked =
      "POST /v1/enroll HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string piece = "40\r\n" + std::string(64, 'x') + "\r\n";
  const std::string heard = RawClient(site.gateway->port()).ask(chunked + piece + piece);
  CHECK(heard.starts_with("HTTP/1.1 413 "));
  CHECK(heard.find("\"limit_bytes\":100,") != std::string::npos);
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

TEST_CASE("gateway: headers and bodies that drip are cut, silent and idle connections closed") {
  Site site;
  site.options.limits.first_byte_time = 300ms;
  site.options.limits.idle_time = 300ms;
  site.options.limits.header_time = 300ms;
  site.options.limits.body_time = 300ms;
  site.start();
  RawClient silent(site.gateway->port());
  CHECK(silent.hear_all() == "");
  RawClient idle(site.gateway->port());
  CHECK(idle.ask("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").ends_with("{\"status\":\"ok\"}"));
  for (const char* begin : {"GET /heal",
                            "POST /v1/enroll HTTP/1.1\r\nHost: x\r\n"
                            "Content-Length: 5000\r\n\r\n"}) {
    RawClient drip(site.gateway->port());
    drip.say(begin);
    CHECK(test::eventually([&] { return !drip.say("x") || drip.closed_within(20); }));
  }
}

TEST_CASE("gateway: a body that stops coming is cut long before its whole time") {
  Site site;
  site.options.limits.body_stall_time = 200ms;
  site.start();
  RawClient half(site.gateway->port());
  half.say("POST /v1/batches HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf");
  CHECK(half.closed_within(10'000));
}

TEST_CASE("gateway: a client that does not read is disconnected") {
  Site site;
  site.options.limits.stall_time = 300ms;
  site.write("packs/cd/large.pack", "x");
  fs::resize_file(site.dir / "packs/cd/large.pack", 64 * limits::kMiB);
  site.start();
  RawClient client(site.gateway->port());
  client.say("GET /packs/cd/large.pack HTTP/1.1\r\nHost: x\r\n\r\n");
  client.hear_until("\r\n\r\n");
  CHECK(test::eventually([&] { return !site.has_open("packs/cd/large.pack"); }));
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
  test::eventually([&] {
    HttpRequest probe = site.post("v1/batches", {3});
    probe.total_time = 1s;
    if (auto answer = send_apart(probe)) refused = answer.value();
    return refused.status == 503;
  });
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

TEST_CASE("gateway: connections above the limit are answered 503 while all others are served") {
  Site site;
  site.options.limits.connections = 3;
  site.options.pool_threads = 3;
  site.start();
  site.api.hold();
  std::vector<std::future<Result<HttpResponse>>> served;
  for (int i = 0; i < 3; ++i) {
    served.push_back(std::async(std::launch::async, send_apart, site.post("v1/batches", {1})));
  }
  REQUIRE(site.api.wait_for_calls(3));
  const HttpResponse refused = must(send_apart(site.get("packs/ab/x.pack")));
  CHECK(refused.status == 503);
  CHECK(refused.retry_after_seconds == site.options.limits.retry_after_seconds);
  site.api.let_go();
  for (auto& each : served) CHECK(must(each.get()).status == 200);
  CHECK(must(send_apart(site.get("packs/ab/x.pack"))).status == 200);
}

TEST_CASE("gateway: a flood of silent sockets and half requests does not keep new clients out") {
  Site site;
  site.options.limits.connections = 8;
  site.start();
  std::vector<std::unique_ptr<RawClient>> many;
  for (const char* begin : {"", "GET /healthz HTTP/1.1\r\nHost:"}) {
    CAPTURE(begin);
    for (int i = 0; i < 200; ++i) {
      many.push_back(std::make_unique<RawClient>(site.gateway->port()));
      many.back()->say(begin);
    }
    CHECK(must(send_apart(site.get("healthz"))).status == 200);
    CHECK(must(send_apart(site.post("v1/batches", {'b'}))).status == 200);
  }
}

TEST_CASE("gateway: half bodies give way to new ones when all places for bodies are taken") {
  Site site;
  site.options.limits.uploads = 4;
  site.options.limits.upload_grace = 0ms;
  site.start();
  std::vector<std::unique_ptr<RawClient>> many;
  for (int i = 0; i < 20; ++i) {
    many.push_back(std::make_unique<RawClient>(site.gateway->port()));
    many.back()->say("POST /v1/batches HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf");
  }
  CHECK(test::eventually([&] { return many.front()->closed_within(5); }));
  CHECK(must(send_apart(site.post("v1/batches", {'b'}))).status == 200);
}

TEST_CASE("gateway: enrolments that wait do not delay batches, and too many are answered 503") {
  Site site;
  site.options.pool_threads = 1;
  site.options.slow_threads = 1;
  site.options.limits.slow_calls = 2;
  site.start();
  site.api.hold("enroll");
  std::vector<std::future<Result<HttpResponse>>> enrolments;
  for (int i = 0; i < 4; ++i) {
    enrolments.push_back(std::async(std::launch::async, send_apart, site.post("v1/enroll", {1})));
  }
  REQUIRE(site.api.wait_for_calls(1));
  for (int i = 0; i < 5; ++i) {
    CHECK(must(send_apart(site.post("v1/batches", {2}))).status == 200);
  }
  CHECK(test::eventually([&] {
    return std::ranges::count_if(enrolments, [](const auto& each) {
             return each.wait_for(0s) == std::future_status::ready;
           }) == 2;
  }));
  site.api.let_go();
  int enrolled = 0, busy = 0;
  for (auto& each : enrolments) {
    const HttpResponse answer = must(each.get());
    enrolled += answer.status == 200;
    busy += answer.status == 503 && answer.retry_after_seconds > 0;
  }
  CHECK(enrolled == 2);
  CHECK(busy == 2);
}

TEST_CASE("gateway: behind a proxy, each client of X-Forwarded-For has a share of its own") {
  Site site;
  site.options.proxies = must(http::Proxies::parse("127.0.0.1"));
  site.options.limits.calls_per_client = 2;
  site.start();
  const auto post = [&](const std::string& from) {
    return "POST /v1/batches HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: " + from +
           "\r\nContent-Length: 1\r\n\r\nb";
  };
  site.api.hold();
  std::vector<std::unique_ptr<RawClient>> greedy;
  for (int i = 0; i < 2; ++i) {
    greedy.push_back(std::make_unique<RawClient>(site.gateway->port()));
    greedy.back()->say(post("203.0.113.7"));
  }
  REQUIRE(site.api.wait_for_calls(2));
  // What a client writes into the header itself comes first and does not count.
  for (const char* from :
       {"203.0.113.7", "198.51.100.1, 203.0.113.7", "x, 203.0.113.7 , 127.0.0.1"}) {
    CAPTURE(from);
    const std::string refused = RawClient(site.gateway->port()).ask(post(from));
    CHECK(refused.starts_with("HTTP/1.1 503 "));
    CHECK(refused.find("Retry-After: 5\r\n") != std::string::npos);
  }
  RawClient other(site.gateway->port());
  other.say(post("203.0.113.8"));
  CHECK(site.api.wait_for_calls(3));
  site.api.let_go();
  CHECK(other.hear_all().starts_with("HTTP/1.1 200 "));
  for (auto& each : greedy) CHECK(each->hear_all().starts_with("HTTP/1.1 200 "));
  CHECK(RawClient(site.gateway->port()).ask(post("203.0.113.7")).starts_with("HTTP/1.1 200 "));
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
  site.options.limits.stop_time = std::chrono::minutes(5);  // never waited for
  site.start();
  RawClient quiet(site.gateway->port());
  HttpClient kept;
  CHECK(must(kept.send(site.get("healthz"))).status == 200);
  auto stopping = std::async(std::launch::async, [&] { site.gateway->stop(); });
  CHECK(quiet.hear_all() == "");
  stopping.wait();
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
  slow.hear_until("\r\n\r\n");
  auto stopping = std::async(std::launch::async, [&] { site.gateway->stop(); });
  CHECK(test::eventually([&] { return !site.has_open("packs/cd/large.pack"); }));
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
  site.gateway->stop();
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
