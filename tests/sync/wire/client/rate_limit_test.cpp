// The rate of the link. Time is the test's own: waiting moves it, and nothing sleeps.
#include "sync/wire/client/rate_limit.hpp"

#include <doctest/doctest.h>

#include "sync/wire/client/http.hpp"
#include "tests/sync/wire/client/scripted_server.hpp"

using namespace rootlet;
using namespace std::chrono_literals;
using test::Conversation;
using test::ScriptedServer;

namespace {

struct Link {
  std::chrono::milliseconds time{0};
  std::shared_ptr<RateLimit> rate;

  explicit Link(std::uint64_t bytes_per_second)
      : rate(std::make_shared<RateLimit>(
            bytes_per_second, [this] { return time; },
            [this](std::chrono::milliseconds nap) { time += nap; })) {}
  void settle() {
    rate->wait([] { return false; });
  }
};

std::string answer(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// The time that all bytes of `traffic` need at least.
std::chrono::milliseconds due(const Traffic& traffic, std::uint64_t rate) {
  return std::chrono::milliseconds((traffic.bytes_down + traffic.bytes_up) * 1000 / rate);
}

}  // namespace

TEST_CASE("rate: a hundred small files take as long as one large file of the same size") {
  const ScriptedServer server([](Conversation& client) {
    while (!client.hear().empty()) client.say(answer(std::string(5'000, 'x')));
  });
  Link link(10'000);
  {
    HttpClient client({.rate = link.rate});
    for (int i = 0; i < 100; ++i) {
      CHECK(test::must(client.send({.url = server.url(), .max_bytes = 5'000})).status == 200);
    }
    link.settle();
    CHECK(client.traffic().bytes_down > 500'000);
    CHECK(link.time >= due(client.traffic(), 10'000));
  }
}

TEST_CASE("rate: what goes up counts with what comes down, over all clients of the link") {
  const std::string body(40'000, 'u');
  const ScriptedServer server([&](Conversation& client) {
    std::string space = body;
    client.hear();
    client.receive(space.data(), space.size());
    client.say(answer(std::string(20'000, 'x')));
  });
  Link link(20'000);
  std::uint64_t bytes = 0;
  for (int i = 0; i < 2; ++i) {
    HttpClient client({.rate = link.rate});
    HttpRequest request{.url = server.url(), .max_bytes = 20'000};
    request.body = to_bytes(as_bytes(body));
    CHECK(test::must(client.send(request)).status == 200);
    bytes += client.traffic().bytes_down + client.traffic().bytes_up;
  }
  link.settle();
  CHECK(bytes > 120'000);
  CHECK(link.time >= std::chrono::milliseconds(bytes * 1000 / 20'000));
}

TEST_CASE("rate: an idle hour saves up nothing, and a stop ends the waiting") {
  Link link(1'000);
  link.time = 1h;
  link.rate->spend(5'000);
  link.settle();
  CHECK(link.time >= 1h + 5s);
  link.rate->spend(1'000'000);
  const auto before = link.time;
  link.rate->wait([] { return true; });
  CHECK(link.time == before);
}
