// A proxy between office and platform that refuses large requests. It signs nothing, so it may
// delay one record, and no other.
#include "core/limits.hpp"
#include "tests/platform/intake/loopback.hpp"

using namespace rootlet;
using namespace rootlet::test;
using namespace std::chrono_literals;

namespace {

class ProxyLink final : public UplinkTransport {
 public:
  ProxyLink(DirectLink& link, std::size_t most) : max_bytes(most), link_(link) {}
  Result<UplinkResponse> post_batch(ByteView envelope) override {
    if (max_bytes == 0 || envelope.size() <= max_bytes) return link_.post_batch(envelope);
    refused += 1;
    refused_bytes += envelope.size();
    return UplinkResponse{413, to_bytes(as_bytes("<html>Request Entity Too Large</html>")), 0};
  }
  Result<UplinkResponse> fetch_mail(const std::string& address, std::uint64_t after) override {
    return link_.fetch_mail(address, after);
  }
  std::size_t max_bytes;  // 0: all
  std::size_t refused = 0, refused_bytes = 0;

 private:
  DirectLink& link_;
};

struct Scene {
  TempDir folder;
  World world{folder.path()};
  Intake intake = world.open_intake();
  Outbox outbox = world.open_outbox();
  DirectLink direct{world, intake};
  ProxyLink link{direct, 8 * limits::kKiB};
  std::mt19937_64 random{5};

  std::string save(std::size_t note_bytes) {
    Record record = a_record(std::to_string(note_bytes));
    std::string noise;
    while (noise.size() < note_bytes) noise.push_back(static_cast<char>('!' + random() % 90));
    record.values["note"] = noise;
    return must(outbox.save(visit_form(), record, world.now));
  }
  PushReport exchange() { return test::exchange(world, outbox, intake, link); }
  RecordState state(const std::string& id) { return must(outbox.show(id)).summary.state; }
  std::size_t at_platform() { return must(intake.list({})).records.size(); }
};

}  // namespace

TEST_CASE("size: one record above a proxy's limit waits, all others and the mailbox flow") {
  Scene scene;
  std::vector<std::string> small;
  for (int i = 0; i < 10; ++i) small.push_back(scene.save(200));
  const std::string large = scene.save(15'000);
  for (int i = 0; i < 10; ++i) small.push_back(scene.save(200));
  const PushReport report = scene.exchange();
  CHECK(report.accepted == 20);
  for (const std::string& id : small) CHECK(scene.state(id) == RecordState::kAccepted);
  CHECK(scene.state(large) == RecordState::kSaved);
  const RecordSummary held = must(scene.outbox.show(large)).summary;
  CHECK(held.held_bytes > 8 * limits::kKiB);
  CHECK(words_of_held(held.held_bytes).en.find("KiB") != std::string::npos);
  CHECK_FALSE(words_of_held(held.held_bytes).zh.empty());
  const OutboxCounts counts = must(scene.outbox.counts());
  CHECK(counts.too_large == 1);
  CHECK(counts.quarantined_chains == 0);  // nobody has forked
  CHECK(scene.at_platform() == 20);

  // It costs the link nothing more on this day, and new records flow at once.
  const std::size_t refused = scene.link.refused;
  scene.save(300);
  CHECK(scene.exchange().accepted == 1);
  CHECK(scene.link.refused == refused);
}

TEST_CASE("size: a day later, or when a person asks, the held record is tried again") {
  for (const bool asked : {false, true}) {
    CAPTURE(asked);
    Scene scene;
    const std::string large = scene.save(15'000);
    scene.exchange();
    CHECK(scene.state(large) == RecordState::kSaved);
    scene.link.max_bytes = 0;  // the proxy was corrected
    CHECK(scene.exchange().accepted == 0);
    if (asked) must(scene.outbox.forget_link_limit());
    if (!asked) scene.world.now += 24h;
    CHECK(scene.exchange().accepted == 1);
    CHECK(scene.state(large) == RecordState::kAccepted);
    CHECK(must(scene.outbox.counts()).too_large == 0);
    CHECK(scene.at_platform() == 1);
  }
}

TEST_CASE("size: records of many sizes all arrive once, whatever a proxy lets through") {
  for (const std::size_t most : {6, 12, 40, 100}) {
    CAPTURE(most);
    Scene scene;
    scene.link.max_bytes = most * limits::kKiB;
    std::size_t fitting = 0;
    for (int i = 0; i < 60; ++i) {
      const std::size_t note = scene.random() % 15'000;
      scene.save(note);
      if (note + 2'000 < scene.link.max_bytes) ++fitting;
    }
    std::size_t accepted = 0;
    for (int cycle = 0; cycle < 6; ++cycle) accepted += scene.exchange().accepted;
    CHECK(accepted >= fitting);
    CHECK(scene.at_platform() == accepted);
    CHECK(must(scene.outbox.counts()).too_large == static_cast<std::int64_t>(60 - accepted));
  }
}

TEST_CASE("size: a batch that the platform took before the proxy refused it is not doubled") {
  Scene scene;
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(scene.save(6'000));
  scene.link.max_bytes = 0;
  scene.direct.lose_answers = 1;
  PushReport report;
  CHECK(push_batches(scene.outbox, scene.world.identity(), scene.link, scene.world.now, report)
            .has_error());
  scene.link.max_bytes = 10 * limits::kKiB;
  for (int cycle = 0; cycle < 3; ++cycle) scene.exchange();
  for (const std::string& id : ids) CHECK(scene.state(id) == RecordState::kAccepted);
  CHECK(scene.at_platform() == 3);
}

TEST_CASE("size: a 413 to a tiny batch says nothing about size: the record stays sealed") {
  Scene scene;
  scene.link.max_bytes = 1;
  const std::string id = scene.save(10);
  PushReport report;
  const Status pushed =
      push_batches(scene.outbox, scene.world.identity(), scene.link, scene.world.now, report);
  REQUIRE(pushed.has_error());
  CHECK(pushed.error().code == ErrorCode::kUnreachable);
  CHECK(pushed.error().message.find("413") != std::string::npos);
  CHECK(scene.state(id) == RecordState::kSealed);
  CHECK(must(scene.outbox.counts()).too_large == 0);
}
