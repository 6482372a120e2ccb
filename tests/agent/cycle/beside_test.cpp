// Records and mail go beside a download, however long that takes.
#include <atomic>
#include <condition_variable>

#include "agent/cycle/cycle.hpp"
#include "sync/trust/client/tuf_client.hpp"
#include "tests/agent/office_world.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;
using namespace std::chrono_literals;

namespace {

// A platform whose files never come until a batch has arrived.
struct SlowMirror {
  std::mutex mutex;
  std::condition_variable changed;
  bool download_began = false;
  bool batch_came = false;
  std::atomic<std::size_t> links = 0;

  bool wait_for(bool SlowMirror::*flag) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, 30s, [&] { return this->*flag; });
  }
  void raise(bool SlowMirror::*flag) {
    const std::lock_guard guard(mutex);
    this->*flag = true;
    changed.notify_all();
  }
};

class MirrorLink final : public HttpTransport {
 public:
  explicit MirrorLink(SlowMirror& mirror) : mirror_(mirror) {}
  Result<HttpResponse> send(const HttpRequest& request) override {
    traffic_.requests += 1;
    HttpResponse response;
    response.status = 503;
    if (request.body) {
      mirror_.raise(&SlowMirror::batch_came);
    } else if (request.url.find("/news/") != std::string::npos) {
      mirror_.raise(&SlowMirror::download_began);
      static_cast<void>(mirror_.wait_for(&SlowMirror::batch_came));
    }
    return response;
  }
  const Traffic& traffic() const override { return traffic_; }
  void stop() override {}

 private:
  SlowMirror& mirror_;
  Traffic traffic_;
};

}  // namespace

TEST_CASE("cycle: a record saved while a download hangs is sent before the download ends") {
  OfficeWorld world;
  must(TufClient::install_root(world.context.home.trust(), as_bytes(world.realm.root_file())));
  SlowMirror mirror;
  Cycle cycle(world.context, [&](const HttpOptions&) {
    mirror.links += 1;
    return std::make_unique<MirrorLink>(mirror);
  });
  CHECK_FALSE(cycle.nudge());  // no download runs
  std::atomic<bool> came = false;
  std::thread clerk([&] {
    if (!mirror.wait_for(&SlowMirror::download_began)) return;
    const json::object record{{"name", "王小明"}, {"members", 3}};
    must(world.call("submit", {{"form", "visit"}, {"records", json::array{record}}}));
    came = cycle.nudge() && mirror.wait_for(&SlowMirror::batch_came);
  });
  const CycleResult result = cycle.run({}, {});
  clerk.join();
  CHECK(came);
  CHECK(mirror.links == 2);  // a connection of its own
  REQUIRE(result.error.has_value());
  CHECK(integer_at(result.report, "sealed") == 1);
  CHECK(integer_at(result.report, "requests") >= 2);
  CHECK_FALSE(cycle.nudge());
}

TEST_CASE("beside: a nudge that comes at the end is not lost") {
  std::atomic<int> rounds = 0;
  {
    UplinkBeside beside([&] { ++rounds; }, 1h);
    beside.nudge();
  }
  CHECK(rounds == 1);
  {
    const UplinkBeside quiet([&] { ++rounds; }, 1h);
  }
  CHECK(rounds == 1);
}
