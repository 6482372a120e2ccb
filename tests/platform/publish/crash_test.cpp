// Publishing is killed at random moments, many times; whatever the moment, an office that sees the
// public folder goes forward only, no version is ever two things, and the next publish completes.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/office/membership.hpp"
#include "platform/source/csv_source.hpp"
#include "tests/platform/publish/world.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace rootlet::test;

namespace {

constexpr int kKills = 60;

using Work = std::function<Status(Realm&)>;

// Does `work` in a child and kills it after `delay`; true if the child finished first.
bool start_and_kill(World& world, std::chrono::microseconds delay, const Work& work) {
  world.live.close();  // SQLite allows no open file across a fork
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    Result<Realm> realm = Realm::open(world.live.path());
    if (realm.has_error()) ::_exit(3);
    ::_exit(work(realm.value()).has_error() ? 2 : 0);
  }
  ::usleep(static_cast<useconds_t>(delay.count()));
  ::kill(child, SIGKILL);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFEXITED(status)) REQUIRE(WEXITSTATUS(status) == 0);
  return WIFEXITED(status);
}

// What an office knows of the packs of each stream: each must stay one thing for ever.
class Memory {
 public:
  void look(LiveOffice& office) {
    office.synced();
    for (const auto& head : office.heads()) {
      Version& newest = newest_[head.stream.partition];
      CHECK(head.version >= newest);
      CHECK(head.version <= newest + 2);  // the killed publish and the one that completed it
      newest = head.version;
      for (const rootlet::PackEntry& pack : office.packs_of(head.stream.partition)) {
        const auto [known, fresh] =
            packs_.try_emplace({head.stream.partition, pack.from, pack.to}, pack.name());
        CHECK(known->second == pack.name());
      }
    }
  }

 private:
  std::map<std::tuple<std::string, Version, Version>, Hash256> packs_;
  std::map<std::string, Version> newest_;
};

}  // namespace

TEST_CASE("publish: killed at any moment, the next one completes and no version forks") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  World world;
  const fs::path csv = world.folder / "killed.csv";
  LiveOffice& office = world.add_office();
  Memory memory;
  People people = change_people({}, random, 300);
  int finished = 0;
  // How long a whole publish takes here, so that the kills fall inside it.
  auto whole = std::chrono::microseconds(60'000);
  for (int round = 0; round < kKills; ++round) {
    CAPTURE(round);
    people = change_people(people, random, 1 + random() % 20);
    write_people(csv, people);
    const auto delay =
        std::chrono::microseconds(random() % static_cast<std::uint64_t>(whole.count()));
    const bool is_finished = start_and_kill(world, delay, [&](Realm& realm) -> Status {
      ROOTLET_TRY(publish_dataset(realm, "people", {.open_source = csv_file(csv)}, world.now()));
      return ok();
    });
    if (is_finished) ++finished;
    memory.look(office);  // before anything is repaired
    if (round % 5 != 0) continue;

    const auto start = std::chrono::steady_clock::now();
    world.publish(people);
    whole = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                                  start) *
            2;
    memory.look(office);
    CHECK(office.rows() == rows_of(people, true));
  }
  MESSAGE("of " << kKills << " publishes " << kKills - finished << " were killed before their end");
  CHECK(finished < kKills);
  world.publish(people);
  const Verification verified = world.verify();
  for (const std::string& problem : verified.problems) MESSAGE(problem);
  CHECK(verified.problems.empty());
  // Every file left is one that the registry knows.
  const auto files_in = [&](const char* name) {
    std::size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(world.live.repository() / name)) {
      files += entry.is_regular_file() ? 1 : 0;
    }
    return files;
  };
  CHECK(files_in("packs") == must(world.registry().pack_files("")).size());
  DirectoryTables tree = world.registry().tree();
  const std::size_t roots = 1 + must(tree.old_files(UnixTime::max())).size();
  CHECK(files_in("directory") == must(tree.files()).size() + roots);
}

TEST_CASE("publish: killed at any moment, an office that needs its new grant file gets on") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  World world;
  LiveOffice& office = world.add_office();
  world.publish(change_people({}, random, 30));
  for (int round = 0; round < kKills; ++round) {
    CAPTURE(round);
    const std::chrono::microseconds delay(random() % 30'000);
    const auto edit = [&](Grant& grant) -> Status {
      grant.scenario = std::string(1 + random() % 2000, 'x');
      return ok();
    };
    start_and_kill(world, delay, [&](Realm& realm) -> Status {
      ROOTLET_TRY(
          change_grant(realm, office.id(), "people", CoverageRule::kAnyway, edit, world.now()));
      return ok();
    });
    office.synced();
  }
}
