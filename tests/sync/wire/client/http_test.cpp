// The client against servers that lie, stall, flood, cut and redirect.
#include "sync/wire/client/http.hpp"

#include <doctest/doctest.h>

#include <cctype>
#include <chrono>
#include <thread>

#include "core/limits.hpp"
#include "tests/sync/wire/client/scripted_server.hpp"

using namespace rootlet;
using namespace std::chrono_literals;
using test::Conversation;
using test::ScriptedServer;

namespace {

HttpRequest get(const ScriptedServer& server, std::size_t max_bytes = 100) {
  return {.url = server.url(), .max_bytes = max_bytes};
}

Result<HttpResponse> ask(const ScriptedServer& server, std::size_t max_bytes = 100) {
  HttpClient client;
  return client.send(get(server, max_bytes));
}

std::string sized(const std::string& body, std::size_t claimed, const std::string& more = "") {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(claimed) + "\r\n" + more + "\r\n" +
         body;
}

// Milliseconds until `work` is done.
template <typename Work>
auto time_of(Work work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::steady_clock::now() - begin;
}

}  // namespace

TEST_CASE("http: status, headers and body of a plain answer") {
  const ScriptedServer server(sized("hello", 5,
                                    "ETag: \"a1\"\r\ncontent-type: text/plain\r\n"
                                    "Retry-After: 7\r\n"));
  const HttpResponse response = test::must(ask(server));
  CHECK(response.status == 200);
  CHECK(as_text(response.body) == "hello");
  CHECK(response.etag == "\"a1\"");
  CHECK(response.content_type == "text/plain");
  CHECK(response.retry_after_seconds == 7);
}

TEST_CASE("http: the ETag of a file that changed in the second in which it was sent is not kept") {
  const std::string sent = "Date: Sat, 21 Nov 2026 10:00:05 GMT\r\nETag: \"a1\"\r\n";
  const ScriptedServer fresh(
      sized("v1", 2, sent + "Last-Modified: Sat, 21 Nov 2026 10:00:05 GMT\r\n"));
  CHECK(test::must(ask(fresh)).etag.empty());
  const ScriptedServer older(
      sized("v1", 2, sent + "Last-Modified: Sat, 21 Nov 2026 10:00:04 GMT\r\n"));
  CHECK(test::must(ask(older)).etag == "\"a1\"");
}

TEST_CASE("http: a request carries nothing beyond what it needs") {
  const std::string answer = "HTTP/1.1 304 Not Modified\r\nETag: \"a1\"\r\n\r\n";
  std::string heard;
  {
    const ScriptedServer server([&](Conversation& client) {
      heard = client.hear();
      client.say(answer);
    });
    HttpClient client;
    HttpRequest request = get(server);
    request.if_none_match = "\"a1\"";
    CHECK(test::must(client.send(request)).status == 304);
    CHECK(client.traffic().requests == 1);
    CHECK(client.traffic().bytes_up == heard.size());
    CHECK(client.traffic().bytes_down == answer.size());
  }
  CHECK(heard.starts_with("GET /x HTTP/1.1\r\nHost: 127.0.0.1:"));
  CHECK(heard.find("User-Agent: rootlet/") != std::string::npos);
  CHECK(heard.ends_with("\r\nIf-None-Match: \"a1\"\r\n\r\n"));
  CHECK(heard.find("Accept") == std::string::npos);
  CHECK(heard.size() < 120);
}

TEST_CASE("http: a body is posted whole, with its type and without Expect") {
  std::string head;
  std::string body(70'000, ' ');
  {
    const ScriptedServer server([&](Conversation& client) {
      head = client.hear();
      client.receive(body.data(), body.size());
      client.say(sized("ok", 2));
    });
    HttpClient client;
    HttpRequest request = get(server);
    request.body = Bytes(70'000, 'b');
    request.content_type = "application/x-envelope";
    CHECK(as_text(test::must(client.send(request)).body) == "ok");
    CHECK(client.traffic().bytes_up == head.size() + 70'000);
  }
  CHECK(head.starts_with("POST /x "));
  CHECK(head.find("Content-Type: application/x-envelope\r\n") != std::string::npos);
  CHECK(head.find("Content-Length: 70000\r\n") != std::string::npos);
  CHECK(head.find("Expect") == std::string::npos);
  CHECK(body == std::string(70'000, 'b'));
}

TEST_CASE("http: an empty POST has an empty body") {
  const ScriptedServer server(sized("", 0));
  HttpClient client;
  HttpRequest request = get(server);
  request.body = Bytes{};
  CHECK(test::must(client.send(request)).status == 200);
}

TEST_CASE("http: a declared length above the limit is rejected before the body") {
  std::atomic<bool> touched = false;
  const ScriptedServer server(sized("", 101));
  HttpClient client;
  HttpRequest request = get(server);
  request.on_data = [&](ByteView) -> Status {
    touched = true;
    return ok();
  };
  CHECK(test::code_of(client.send(request)) == ErrorCode::kUntrusted);
  CHECK_FALSE(touched);
}

TEST_CASE("http: a body of exactly the limit is accepted, one byte more is not") {
  const ScriptedServer exact("HTTP/1.0 200 OK\r\n\r\n" + std::string(100, 'x'));
  CHECK(test::must(ask(exact)).body.size() == 100);
  const ScriptedServer more("HTTP/1.0 200 OK\r\n\r\n" + std::string(101, 'x'));
  CHECK(test::code_of(ask(more)) == ErrorCode::kUntrusted);
}

TEST_CASE("http: an endless chunked body is rejected at the limit") {
  const ScriptedServer server([](Conversation& client) {
    client.hear();
    client.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (client.say("400\r\n" + std::string(1024, 'x') + "\r\n")) continue;
  });
  HttpClient client;
  HttpRequest request = get(server, 50'000);
  std::size_t seen = 0;
  request.on_data = [&](ByteView piece) -> Status {
    seen += piece.size();
    return ok();
  };
  CHECK(test::code_of(client.send(request)) == ErrorCode::kUntrusted);
  CHECK(seen <= 50'000);
  CHECK(client.traffic().bytes_down < 300'000);
}

TEST_CASE("http: fewer bytes than promised is a cut link, not a short file") {
  const ScriptedServer length(sized("hel", 5));
  CHECK(test::code_of(ask(length)) == ErrorCode::kUnreachable);
  const ScriptedServer chunk("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel");
  CHECK(test::code_of(ask(chunk)) == ErrorCode::kUnreachable);
  const ScriptedServer nothing("");
  CHECK(test::code_of(ask(nothing)) == ErrorCode::kUnreachable);
  const ScriptedServer nonsense("SSH-2.0-OpenSSH\r\n");
  CHECK(test::code_of(ask(nonsense)) == ErrorCode::kUnreachable);
}

TEST_CASE("http: bytes after the declared length are ignored") {
  const ScriptedServer server(sized("helloHTTP/1.1 200 OK\r\n\r\n", 5));
  CHECK(as_text(test::must(ask(server)).body) == "hello");
}

TEST_CASE("http: the bytes before a cut reach the receiver, so that it can resume") {
  const ScriptedServer server(sized("0123", 10));
  HttpClient client;
  HttpRequest request = get(server);
  std::string kept;
  request.on_data = [&](ByteView piece) -> Status {
    kept += as_text(piece);
    return ok();
  };
  CHECK(test::code_of(client.send(request)) == ErrorCode::kUnreachable);
  CHECK(kept == "0123");
}

TEST_CASE("http: on_head shows whether the server resumes or sends all again") {
  const ScriptedServer server(
      "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 6-9/10\r\nContent-Length: "
      "4\r\n\r\n6789");
  HttpClient client;
  HttpRequest request = get(server);
  request.range_from = 6;
  std::string seen;
  request.on_head = [&](const HttpResponse& head) -> Status {
    seen += std::to_string(head.status) + "@" + std::to_string(head.range_start.value_or(99)) + " ";
    return ok();
  };
  request.on_data = [&](ByteView piece) -> Status {
    seen += as_text(piece);
    return ok();
  };
  CHECK(test::must(client.send(request)).range_start == 6);
  CHECK(seen == "206@6 6789");
}

TEST_CASE("http: errors of the receiver end the transfer and are returned unchanged") {
  const ScriptedServer server(sized("hello", 5));
  HttpClient client;
  HttpRequest request = get(server);
  request.on_data = [](ByteView) -> Status { return fail(ErrorCode::kStorageFull, "disk"); };
  CHECK(test::code_of(client.send(request)) == ErrorCode::kStorageFull);
  request.on_head = [](const HttpResponse&) -> Status { return fail(ErrorCode::kBusy, "no"); };
  CHECK(test::code_of(client.send(request)) == ErrorCode::kBusy);
}

TEST_CASE("http: the body of an error never reaches the receiver of data") {
  const ScriptedServer server("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone");
  HttpClient client;
  HttpRequest request = get(server);
  bool touched = false;
  request.on_head = [&](const HttpResponse&) -> Status {
    touched = true;
    return ok();
  };
  request.on_data = [&](ByteView) -> Status {
    touched = true;
    return ok();
  };
  const HttpResponse response = test::must(client.send(request));
  CHECK(response.status == 404);
  CHECK(as_text(response.body) == "gone");
  CHECK_FALSE(touched);
}

TEST_CASE("http: an endless error page is cut and its status returned") {
  const ScriptedServer server([](Conversation& client) {
    client.hear();
    client.say("HTTP/1.1 503 Busy\r\nRetry-After: 9\r\n\r\n");
    while (client.say(std::string(4096, 'x'))) continue;
  });
  const HttpResponse response = test::must(ask(server));
  CHECK(response.status == 503);
  CHECK(response.retry_after_seconds == 9);
  CHECK(response.body.size() == 64 * 1024);
}

TEST_CASE("http: a flood of headers is refused, also before the answer and after the body") {
  const auto flood = [](const std::string& before, const std::string& line) {
    return ScriptedServer::Script([=](Conversation& client) {
      client.hear();
      client.say(before);
      for (int i = 0; i < 200'000 && client.say(line); ++i) continue;
    });
  };
  const ScriptedServer headers(flood("HTTP/1.1 200 OK\r\n", "X-Flood: 0123456789\r\n"));
  CHECK(test::code_of(ask(headers)) == ErrorCode::kUntrusted);
  const ScriptedServer interim(flood("", "HTTP/1.1 100 Continue\r\n\r\n"));
  CHECK(test::code_of(ask(interim)) == ErrorCode::kUntrusted);
  const ScriptedServer trailers(
      flood("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n",
            "X-Flood: 01234\r\n"));
  CHECK(test::code_of(ask(trailers)) == ErrorCode::kUntrusted);
}

TEST_CASE("http: a loop of redirects ends after the allowed number") {
  const ScriptedServer server(
      "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n"
      "Connection: close\r\n\r\n");
  CHECK(test::code_of(ask(server)) == ErrorCode::kUnreachable);
  CHECK(server.connections() == limits::kRedirects + 1);
}

TEST_CASE("http: a redirect to a file or another protocol is not followed") {
  for (const char* place : {"file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x"}) {
    CAPTURE(place);
    const ScriptedServer server("HTTP/1.1 302 Found\r\nLocation: " + std::string(place) +
                                "\r\nContent-Length: 0\r\n\r\n");
    CHECK(test::code_of(ask(server, 10'000)) == ErrorCode::kUnreachable);
  }
}

TEST_CASE("http: a redirect is followed, its own body and headers forgotten") {
  std::atomic<int> calls = 0;
  const ScriptedServer server([&](Conversation& client) {
    const std::string head = client.hear();
    const bool first = head.starts_with("GET /x ");
    ++calls;
    client.say(first ? "HTTP/1.1 301 Moved\r\nLocation: /y\r\nETag: \"old\"\r\n"
                       "Content-Length: 4\r\nConnection: close\r\n\r\nmove"
                     : sized("new", 3));
  });
  const HttpResponse response = test::must(ask(server));
  CHECK(response.status == 200);
  CHECK(as_text(response.body) == "new");
  CHECK(response.etag.empty());
  CHECK(calls == 2);
}

TEST_CASE("http: a redirect with an endless body is abandoned") {
  const ScriptedServer server([](Conversation& client) {
    client.hear();
    client.say("HTTP/1.1 302 Found\r\nLocation: /y\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (client.say("1000\r\n" + std::string(4096, 'x') + "\r\n")) continue;
  });
  HttpClient client;
  CHECK(client.send(get(server)).has_error());
  CHECK(client.traffic().bytes_down < 16 * limits::kMiB);
}

TEST_CASE("http: a redirected POST stays a POST") {
  std::string second;
  {
    const ScriptedServer server([&](Conversation& client) {
      const std::string head = client.hear();
      char body[4];
      client.receive(body, 4);
      if (head.find(" /x ") == std::string::npos) second = head + std::string(body, 4);
      client.say(second.empty() ? "HTTP/1.1 301 Moved\r\nLocation: /y\r\nContent-Length: 0\r\n"
                                  "Connection: close\r\n\r\n"
                                : sized("", 0));
    });
    HttpClient client;
    HttpRequest request = get(server);
    request.body = to_bytes(std::string_view("data"));
    CHECK(test::must(client.send(request)).status == 200);
  }
  CHECK(second.starts_with("POST /y "));
  CHECK(second.ends_with("data"));
}

TEST_CASE("http: a transfer that stalls ends after the stall time") {
  const ScriptedServer server([](Conversation& client) {
    client.hear();
    client.say(sized("hel", 5));
    client.wait();
  });
  HttpClient client({.stall_time = 1s});
  const auto spent =
      time_of([&] { CHECK(test::code_of(client.send(get(server))) == ErrorCode::kUnreachable); });
  CHECK(spent < 5s);
}

TEST_CASE("http: a transfer that drips ends after the total time") {
  const ScriptedServer server([](Conversation& client) {
    client.hear();
    client.say("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
    while (client.say(std::string(20, 'x'))) std::this_thread::sleep_for(50ms);
  });
  HttpClient client;
  HttpRequest request = get(server, 100'000);
  request.total_time = 1s;
  const auto spent =
      time_of([&] { CHECK(test::code_of(client.send(request)) == ErrorCode::kUnreachable); });
  CHECK(spent < 5s);
}

TEST_CASE("http: stop ends the current transfer and every later one") {
  const ScriptedServer server([](Conversation& client) {
    client.hear();
    client.wait();
  });
  HttpClient client;
  std::thread stopper([&] {
    std::this_thread::sleep_for(100ms);
    client.stop();
  });
  const auto spent =
      time_of([&] { CHECK(test::code_of(client.send(get(server))) == ErrorCode::kUnreachable); });
  stopper.join();
  CHECK(spent < 3s);
  CHECK(client.send(get(server)).has_error());
  CHECK(client.send({.url = "/etc/hostname", .max_bytes = 1000}).has_error());
}

TEST_CASE("http: one connection serves many requests") {
  const ScriptedServer server([](Conversation& client) {
    while (!client.hear().empty()) client.say(sized("hello", 5));
  });
  {
    HttpClient client;
    for (int i = 0; i < 5; ++i) CHECK(test::must(client.send(get(server))).status == 200);
    CHECK(client.traffic().requests == 5);
    CHECK(server.connections() == 1);
  }
}

TEST_CASE("http: errors name the host and neither path nor password") {
  HttpClient client;
  int port = 0;
  {
    const ScriptedServer server("");
    port = std::stoi(server.url("").substr(17));
  }
  const std::string host = "127.0.0.1:" + std::to_string(port);
  const auto result = client.send({.url = "http://me:pass@" + host + "/v1/mailbox/cafe"});
  REQUIRE(result.has_error());
  CHECK(result.error().code == ErrorCode::kUnreachable);
  CHECK(result.error().message.find("http://" + host) != std::string::npos);
  CHECK(result.error().message.find("cafe") == std::string::npos);
  CHECK(result.error().message.find("pass") == std::string::npos);
}

TEST_CASE("http: malformed addresses, other schemes and smuggled header lines are refused") {
  HttpClient client;
  CHECK(client.send({.url = "ftp://127.0.0.1/x"}).has_error());
  CHECK(client.send({.url = "http://"}).has_error());
  const auto smuggled =
      client.send({.url = "http://127.0.0.1:1/", .if_none_match = "\"a\"\r\nX-More: 1"});
  CHECK(test::code_of(smuggled) == ErrorCode::kBadInput);
}

TEST_CASE("http: a client works after it was moved") {
  const ScriptedServer server(sized("hello", 5));
  HttpClient first;
  HttpClient second(std::move(first));
  CHECK(test::must(second.send(get(server))).status == 200);
}

TEST_CASE("http: a signed request names as signed only what it sends, and follows no redirect") {
  std::string head;
  const ScriptedServer server([&head](Conversation& talk) {
    head = talk.hear();
    talk.say(
        "HTTP/1.1 307 Elsewhere\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
  });
  HttpClient client;
  HttpRequest request = get(server);
  request.method = "PUT";
  request.body = to_bytes(std::string_view("x"));
  request.fields = {{"x-amz-content-sha256", "abc"}, {"Cache-Control", "no-cache"}};
  request.signing = HttpSigning{"aws:amz:here-1:s3", "the-id", "the-secret"};
  CHECK(test::must(client.send(request)).status == 307);
  CHECK(head.starts_with("PUT "));
  CHECK(head.find("the-id/") != std::string::npos);
  CHECK(head.find("the-secret") == std::string::npos);
  const std::string mark = "SignedHeaders=";
  const std::size_t begin = head.find(mark) + mark.size();
  REQUIRE(begin > mark.size());
  const std::string names = head.substr(begin, head.find(',', begin) - begin);
  std::string lower = head;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (std::size_t at = 0; at < names.size();) {
    const std::size_t end = std::min(names.find(';', at), names.size());
    CAPTURE(names.substr(at, end - at));
    CHECK(lower.find("\r\n" + names.substr(at, end - at) + ":") != std::string::npos);
    at = end + 1;
  }
  CHECK(names.find("x-amz-content-sha256") != std::string::npos);
}
