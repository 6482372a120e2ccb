// A whole sync killed at any moment: the next one finishes it, though the platform has nothing new
// to say. And the same sync from a folder, as a courier brings it.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/sync/downlink/fixture_world.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

constexpr int kKills = 50;

// True if the sync ended by itself before it was killed.
bool sync_and_kill(TestOffice& office, std::chrono::microseconds after) {
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

std::chrono::microseconds time_of_a_sync(World& world) {
  TempDir fresh;
  TestOffice office(world.realm, world.clock, fresh / "home");
  const auto began = std::chrono::steady_clock::now();
  office.sync();
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                               began);
}

void save_repository(const MemorySource& source, const fs::path& folder) {
  for (const auto& [path, bytes] : source.files) {
    must(make_directory((folder / path).parent_path()));
    must(write_file_atomically(folder / path, bytes));
  }
}

}  // namespace

TEST_CASE("downlink: a sync killed anywhere is finished by the next") {
  std::uint64_t seed = 0;
  seeded(seed);
  CAPTURE(seed);
  World world(seed);
  const auto whole = time_of_a_sync(world);
  int killed = 0;
  for (int round = 0; killed < kKills && round < 20 * kKills; ++round) {
    CAPTURE(round);
    TempDir fresh;
    TestOffice office(world.realm, world.clock, fresh / "home");
    for (int times = 0; times < 3; ++times) {
      const auto span = 1 + static_cast<std::uint64_t>(whole.count());
      if (sync_and_kill(office, std::chrono::microseconds(below(world.random, span)))) break;
      ++killed;
    }
    TestOffice restarted(world.realm, world.clock, office.folder());
    const SyncReport report = restarted.sync();
    if (report.error.has_value()) FAIL(report.error->message);
    REQUIRE(restarted.holds_exactly({"3304", "3305"}));
    REQUIRE(fs::is_empty(office.folder() / "staging"));
  }
  CHECK(killed >= kKills);
}

TEST_CASE("downlink: a folder serves as well as a server") {
  World world;
  save_repository(world.realm.source, world.folder / "stick");
  HttpClient client;
  HttpFileSource source(client, must(repository_url((world.folder / "stick").string())));
  const SyncReport report = world.office.sync_from(source);
  if (report.error.has_value()) FAIL(report.error->message);
  CHECK(world.office.holds_exactly({"3304", "3305"}));
  CHECK(report.traffic.bytes_down > 1000);
  CHECK_FALSE(world.office.sync_from(source).had_news);
  world.change("3304");
  world.realm.publish();
  save_repository(world.realm.source, world.folder / "stick");
  const SyncReport second = world.office.sync_from(source);
  if (second.error.has_value()) FAIL(second.error->message);
  CHECK(world.office.holds_exactly({"3304", "3305"}));
  fs::remove_all(world.folder / "stick");
  CHECK(world.office.sync_from(source).error->code == ErrorCode::kUnreachable);
}
