// Host names and origins: DNS rebinding and pages of other sites.
#include "agent/console/site.hpp"

#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::agent;

namespace {

std::string kind_of(const Site& site, const RequestOrigin& request) {
  const auto refused = check_origin(site, request);
  return refused ? std::string(refused->kind) : "";
}

}  // namespace

TEST_CASE("host: only this machine's own names with the console's port") {
  const Site site = loopback_site(8460);
  for (const char* host : {"127.0.0.1:8460", "localhost:8460", "LOCALHOST:8460", "[::1]:8460"}) {
    CHECK(kind_of(site, {.method = "GET", .host = host}) == "");
  }
  for (const char* host : {"evil.example:8460", "127.0.0.1", "127.0.0.1:80", "",
                           "localhost.evil:8460", "127.0.0.1:8460.evil", "127.0.0.2:8460"}) {
    CAPTURE(host);
    CHECK(kind_of(site, {.method = "GET", .host = host}) == "host");
  }
}

TEST_CASE("origin: a page of another origin is refused, also one of another port or scheme") {
  const Site site = loopback_site(8460);
  const auto from = [&](const char* origin, const char* method = "POST") {
    return kind_of(site, {.method = method, .host = "127.0.0.1:8460", .origin = origin});
  };
  CHECK(from("http://127.0.0.1:8460") == "");
  CHECK(from("") == "");
  for (const char* origin : {"http://evil.example", "http://127.0.0.1:3000",
                             "https://127.0.0.1:8460", "http://localhost:8460", "null"}) {
    CAPTURE(origin);
    CHECK(from(origin) == "origin");
    CHECK(from(origin, "GET") == "origin");
  }
}

TEST_CASE("origin: a link from elsewhere leads to a page, never to data or a change") {
  const Site site = loopback_site(8460);
  const auto from = [&](const char* where, const char* method, bool is_page) {
    return kind_of(
        site,
        {.method = method, .host = "localhost:8460", .fetch_site = where, .is_page = is_page});
  };
  for (const char* where : {"cross-site", "same-site"}) {
    CAPTURE(where);
    CHECK(from(where, "GET", true) == "");
    CHECK(from(where, "GET", false) == "origin");
    CHECK(from(where, "POST", true) == "origin");
  }
  CHECK(from("same-origin", "POST", false) == "");
  CHECK(from("none", "GET", false) == "");
}

TEST_CASE("host: on the network the configured names, with brackets around IPv6") {
  const Site site = network_site({"town.example", "192.168.1.20", "fd00::7"}, 8443);
  for (const char* host : {"town.example:8443", "192.168.1.20:8443", "[fd00::7]:8443"}) {
    CHECK(kind_of(site, {.method = "GET", .host = host}) == "");
  }
  CHECK(kind_of(site, {.method = "GET", .host = "127.0.0.1:8443"}) == "host");
  CHECK(kind_of(site, {.method = "GET", .host = "town.example"}) == "host");
  CHECK(kind_of(network_site({"town.example"}, 443), {.method = "GET", .host = "town.example"}) ==
        "");
}
