// A whole sync killed at any moment: the next one finishes it, though the platform has nothing new
// to say. And the same sync from a folder, as a courier brings it.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/sync/downlink/live_world.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

const std::vector<std::string> kGranted = {"11", "12"};
constexpr int kKills = 50;

// True if the sync ended before it was killed.
bool sync_and_kill(LiveOffice& office, std::chrono::microseconds after) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    office.sync();
    ::_exit(0);
  }
  ::usleep(static_cast<useconds_t>(after.count()));
  ::kill(child, SIGKILL);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status);
}

std::chrono::microseconds time_of_a_sync(LiveWorld& world) {
  const TempDir fresh{fast_folder()};
  const auto office = world.fresh_copy(fresh / "home");
  const auto began = std::chrono::steady_clock::now();
  office->sync();
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                               began);
}

}  // namespace

TEST_CASE("downlink: a sync killed anywhere is finished by the next") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  LiveWorld world(seed);
  const auto whole = time_of_a_sync(world);
  int killed = 0;
  for (int round = 0; killed < kKills && round < 20 * kKills; ++round) {
    CAPTURE(round);
    const TempDir fresh{fast_folder()};
    const auto office = world.fresh_copy(fresh / "home");
    for (int times = 0; times < 3; ++times) {
      const auto span = 1 + static_cast<std::uint64_t>(whole.count());
      if (sync_and_kill(*office, std::chrono::microseconds(random() % span))) break;
      ++killed;
    }
    office->synced();
    REQUIRE(office->holds_exactly(kGranted));
    REQUIRE(fs::is_empty(office->home().staging()));
  }
  CHECK(killed >= kKills);
}

TEST_CASE("downlink: a folder serves as well as a server") {
  LiveWorld world;
  LiveOffice& office = *world.office;
  const fs::path stick = world.folder / "stick";
  const auto copy = fs::copy_options::recursive | fs::copy_options::overwrite_existing;
  fs::copy(world.realm.repository(), stick, copy);
  HttpClient client;
  HttpFileSource source(client, must(repository_url(stick.string())));
  const SyncReport report = office.sync_from(source);
  if (report.error.has_value()) FAIL(report.error->message);
  CHECK(office.holds_exactly(kGranted));
  CHECK(report.traffic.bytes_down > 1000);
  CHECK_FALSE(office.sync_from(source).had_news);
  world.change("11");
  world.publish();
  fs::copy(world.realm.repository(), stick, copy);
  const SyncReport second = office.sync_from(source);
  if (second.error.has_value()) FAIL(second.error->message);
  CHECK(office.holds_exactly(kGranted));
  fs::remove_all(stick);
  CHECK(office.sync_from(source).error->code == ErrorCode::kUnreachable);
}
