// Under which name a connection or a request is counted.
#include "sync/wire/server/peer.hpp"

#include <doctest/doctest.h>

#include "tests/support/support.hpp"

using namespace rootlet;
using http::Proxies;
using test::must;

namespace {

http::RequestHead with(std::vector<http::RequestHead::Field> fields) {
  return {.method = "GET", .target = "/", .fields = std::move(fields)};
}

}  // namespace

TEST_CASE("peer: an IPv4 address counts alone, an IPv6 address with its /64") {
  CHECK(http::client_group("203.0.113.7") == "203.0.113.7");
  CHECK(http::client_group("::ffff:203.0.113.7") == "203.0.113.7");
  CHECK(http::client_group("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64");
  CHECK(http::client_group("2001:db8:1:2::1") == http::client_group("2001:db8:1:2:ffff::9"));
  for (const char* wrong :
       {"", "x", "203.0.113", "203.0.113.7:80", "203.0.113.256", "unknown", "[2001:db8::1]",
        "2001:db8::1%eth0", "2001:db8:1:2:3:4:5:6:7:8:9:a:b:c:d:e:f:0:1:2:3:4:5:6"}) {
    CAPTURE(wrong);
    CHECK_FALSE(http::client_group(wrong).has_value());
  }
}

TEST_CASE("peer: this machine and a named proxy have no share of connections") {
  const Proxies proxies = must(Proxies::parse("10.0.0.5, 2001:db8::1"));
  for (const char* free : {"127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "10.0.0.5",
                           "::ffff:10.0.0.5", "2001:db8:0::1"}) {
    CAPTURE(free);
    CHECK_FALSE(http::client_of_connection(free, proxies).has_value());
  }
  CHECK(http::client_of_connection("10.0.0.6", proxies) == "10.0.0.6");
}

TEST_CASE("peer: X-Forwarded-For counts only when a named proxy sent it") {
  const auto head = with({{"x-forwarded-for", "203.0.113.7"}});
  const Proxies none = must(Proxies::parse(""));
  CHECK(http::client_of_request("198.51.100.9", head, none) == "198.51.100.9");
  CHECK_FALSE(http::client_of_request("127.0.0.1", head, none).has_value());
  const Proxies proxies = must(Proxies::parse("127.0.0.1"));
  CHECK(http::client_of_request("127.0.0.1", head, proxies) == "203.0.113.7");
  CHECK(http::client_of_request("198.51.100.9", head, proxies) == "198.51.100.9");
}

TEST_CASE("peer: the last address that is not a proxy's is the client's") {
  const Proxies proxies = must(Proxies::parse("10.0.0.5,10.0.0.6"));
  const auto client = [&](std::vector<http::RequestHead::Field> fields) {
    return http::client_of_request("10.0.0.5", with(std::move(fields)), proxies);
  };
  CHECK(client({{"X-Forwarded-For", "1.1.1.1, 203.0.113.7, 10.0.0.6"}}) == "203.0.113.7");
  CHECK(client({{"X-Forwarded-For", "1.1.1.1"}, {"X-FORWARDED-FOR", "203.0.113.7"}}) ==
        "203.0.113.7");
  CHECK_FALSE(client({}).has_value());
  CHECK_FALSE(client({{"X-Forwarded-For", "1.1.1.1, unknown"}}).has_value());
  CHECK_FALSE(client({{"X-Forwarded-For", ",,,"}}).has_value());
}

TEST_CASE("peer: a list of proxies with anything but addresses is refused with the word") {
  for (const char* wrong : {"x", "10.0.0.5,", "10.0.0.0/8", "10.0.0.5 10.0.0.6"}) {
    CAPTURE(wrong);
    CHECK(test::code_of(Proxies::parse(wrong)) == ErrorCode::kUsage);
  }
}
