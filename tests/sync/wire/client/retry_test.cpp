// When a server is asked again.
#include "sync/wire/client/retry.hpp"

#include <doctest/doctest.h>

#include "sync/wire/client/http.hpp"
#include "tests/sync/wire/client/scripted_server.hpp"

using namespace rootlet;
using namespace std::chrono_literals;
using test::ScriptedServer;

TEST_CASE("retry: the wait doubles, is random over the whole span, and never exceeds the cap") {
  CHECK(retry_delay(1, 1s, 60s, 0, 0.5) == 500ms);
  CHECK(retry_delay(2, 1s, 60s, 0, 0.5) == 1000ms);
  CHECK(retry_delay(4, 1s, 60s, 0, 0.5) == 4000ms);
  CHECK(retry_delay(3, 1s, 60s, 0, 0.0) == 0ms);
  CHECK(retry_delay(9, 1s, 60s, 0, 0.5) == 30s);
  CHECK(retry_delay(1'000'000, 1s, 60s, 0, 0.999999) <= 60s);
  CHECK(retry_delay(-5, 1s, 60s, 0, 0.5) == 500ms);
}

TEST_CASE("retry: a Retry-After of an hour is obeyed in full, however short the cap is") {
  CHECK(retry_delay(1, 1s, 60s, 3600, 0.0) == 3600s);
  CHECK(retry_delay(1, 1s, 60s, 7, 0.0) == 7s);
  CHECK(retry_delay(3, 1s, 60s, 7, 0.5) == 9s);
  CHECK(retry_delay(1, 1s, 60s, -5, 0.5) == 500ms);
}

TEST_CASE("retry: offices that were sent away together return apart, and none too early") {
  CHECK(retry_delay(1, 5s, 300s, 3600, 0.5) == 3780s);
  CHECK(retry_delay(1, 5s, 300s, 3600, 0.999) > 3950s);
  for (const double random : {0.0, 0.1, 0.5, 0.999}) {
    CHECK(retry_delay(1, 5s, 300s, 3600, random) >= 3600s);
    CHECK(retry_delay(9, 5s, 300s, 86'400, random) >= 24h);
  }
}

TEST_CASE("retry: a Retry-After above a day counts as a day") {
  CHECK(retry_delay(1, 1s, 60s, 9'223'372'036'854'775'807L, 0.0) == 24h);
  CHECK(parse_retry_after("99999999999999999999999", "") == 86'400);
  CHECK(parse_retry_after("86401", "") == 86'400);
}

TEST_CASE("retry: Retry-After may be seconds or a date, which is taken against the answer's date") {
  const std::string now = "Sat, 21 Nov 2026 10:00:05 GMT";
  CHECK(parse_retry_after("120", now) == 120);
  CHECK(parse_retry_after("0", now) == 0);
  CHECK(parse_retry_after("Sat, 21 Nov 2026 11:00:05 GMT", now) == 3600);
  CHECK(parse_retry_after("Saturday, 21-Nov-26 10:10:05 GMT", now) == 600);
  CHECK(parse_retry_after("Sat Nov 21 10:01:05 2026", now) == 60);
  CHECK(parse_retry_after("Sat, 21 Nov 2026 09:00:00 GMT", now) == 0);
  CHECK(parse_retry_after("Sat, 28 Nov 2026 10:00:05 GMT", now) == 86'400);
  for (const char* nonsense : {"", "soon", "-5", "12 minutes", "Sat, 99 Foo 2026 11:00:05 GMT"}) {
    CAPTURE(nonsense);
    CHECK_FALSE(parse_retry_after(nonsense, now).has_value());
  }
  CHECK_FALSE(parse_retry_after("Sat, 21 Nov 2026 11:00:05 GMT", "").has_value());
}

TEST_CASE("retry: 503 and 429 bring their Retry-After in either form") {
  for (const std::string status : {"503 Busy", "429 Too Many Requests"}) {
    CAPTURE(status);
    const ScriptedServer server("HTTP/1.1 " + status +
                                "\r\nDate: Sat, 21 Nov 2026 10:00:00 GMT\r\n"
                                "Retry-After: Sat, 21 Nov 2026 11:00:00 GMT\r\n"
                                "Content-Length: 0\r\n\r\n");
    HttpClient client;
    CHECK(test::must(client.send({.url = server.url()})).retry_after_seconds == 3600);
  }
}
