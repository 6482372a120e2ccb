// Sources that crawl, fall silent or ask for patience. Time is the test's own.
#include "sync/downlink/fetch/link_watch.hpp"

#include "sync/downlink/fetch/staging.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::test;
using namespace std::chrono_literals;

namespace {

// Sends `piece` bytes each second.
class DrippingSource final : public FileSource {
 public:
  DrippingSource(FakeClock& clock, std::size_t piece) : clock_(clock), piece_(piece) {}
  Result<FileReply> get(const FileRequest& request) override {
    requests += 1;
    ROOTLET_TRY(request.on_start(request.from));
    for (std::uint64_t at = request.from; at < request.to; at += piece_) {
      clock_.pass(1s);
      ROOTLET_TRY(request.on_data(Bytes(std::min<std::uint64_t>(piece_, request.to - at), 'x')));
    }
    return FileReply{FetchState::kFetched, {}};
  }
  Traffic traffic() const override { return {}; }
  int requests = 0;

 private:
  FakeClock& clock_;
  std::size_t piece_;
};

class RefusingSource final : public FileSource {
 public:
  Result<FileReply> get(const FileRequest&) override {
    requests += 1;
    Error error = fail(ErrorCode::kUnreachable, "503");
    error.retry_after_seconds = retry_after_seconds;
    return error;
  }
  Traffic traffic() const override { return {}; }
  int requests = 0;
  long retry_after_seconds = 0;
};

struct Scene {
  TempDir folder;
  FakeClock clock;
  Staging staging{folder / "staging"};
  StagedFile file{.name = "a", .path = "packs/a.pack", .file_bytes = 1'000'000};
  Scene() { must(staging.prepare()); }
  std::chrono::milliseconds spent(std::chrono::milliseconds since) const {
    return clock.since_boot() - since;
  }
};

}  // namespace

TEST_CASE(
    "link: a mirror that drips 100 bytes a second is left after a minute, and what came stays") {
  Scene scene;
  DrippingSource source(scene.clock, 100);
  LinkWatch watch(source, scene.clock);
  const auto began = scene.clock.since_boot();
  const Status first = scene.staging.fetch(watch, scene.file, scene.file.file_bytes, {});
  REQUIRE(first.has_error());
  CHECK(first.error().code == ErrorCode::kUnreachable);
  CHECK(first.error().message.find("200 bytes per second") != std::string::npos);
  CHECK(scene.spent(began) <= 61s);
  CHECK(source.requests == 1);  // no retry at once
  CHECK(scene.staging.bytes_of(scene.file) == 6'000);
  CHECK(watch.is_up());  // one slow file may be the file's own fault
  CHECK(scene.staging.fetch(watch, scene.file, scene.file.file_bytes, {}).has_error());
  CHECK_FALSE(watch.is_up());
  CHECK(watch.reason() == "the server is too slow");
  CHECK(scene.staging.bytes_of(scene.file) == 12'000);  // it went on from there
}

TEST_CASE("link: a slow link that is just fast enough brings its file") {
  Scene scene;
  DrippingSource source(scene.clock, 201);
  LinkWatch watch(source, scene.clock);
  scene.file.file_bytes = 40'000;
  CHECK(scene.staging.fetch(watch, scene.file, 40'000, {}).has_value());
  CHECK(watch.is_up());
}

TEST_CASE("link: a rate that the settings hold back counts as slow only below its own floor") {
  Scene scene;
  DrippingSource source(scene.clock, 100);
  LinkWatch watch(source, scene.clock, {.bytes_per_second = 50});
  scene.file.file_bytes = 20'000;
  CHECK(scene.staging.fetch(watch, scene.file, 20'000, {}).has_value());
}

TEST_CASE("link: after a Retry-After nothing more is asked; without one, once more") {
  Scene scene;
  RefusingSource busy;
  busy.retry_after_seconds = 3600;
  LinkWatch patient(busy, scene.clock);
  CHECK(patient.get({}).has_error());
  CHECK_FALSE(patient.is_up());
  RefusingSource broken;
  LinkWatch watch(broken, scene.clock);
  CHECK(watch.get({}).has_error());
  CHECK(watch.is_up());
  CHECK(watch.get({}).has_error());
  CHECK_FALSE(watch.is_up());
  CHECK(watch.reason() == "the link is down");
}
