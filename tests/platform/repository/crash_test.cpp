// Publishing is killed at random moments. Whatever the moment: what the registry says is published
// lies in its files, no pack is ever two things, and the next publish completes (with offices that
// look on: tests/platform/publish).
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <tuple>

#include "tests/platform/repository/publishing_realm.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace rootlet::test;

namespace {

constexpr int kKills = 40;

// True if the publish ended before it was killed.
bool publish_and_kill(PublishingRealm& world, const People& people,
                      std::chrono::microseconds delay) {
  world.close();  // SQLite allows no open file across a fork
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    Result<Realm> realm = Realm::open(world.path());
    if (realm.has_error()) ::_exit(3);
    ::_exit(world.try_publish(realm.value(), people).has_error() ? 2 : 0);
  }
  ::usleep(static_cast<useconds_t>(delay.count()));
  ::kill(child, SIGKILL);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFEXITED(status)) REQUIRE(WEXITSTATUS(status) == 0);
  return WIFEXITED(status);
}

// The packs that were ever published, each by its place.
class Memory {
 public:
  void look(PublishingRealm& world) {
    const PackFiles files(world.repository());
    for (const PackEntry& pack : must(world.registry().packs("people"))) {
      const auto [known, is_new] = ids_.try_emplace({path_of_file(pack), pack.offset}, pack.id);
      CHECK(known->second == pack.id);
      if (!pack.retired.has_value()) CHECK(files.check(pack).has_value());
    }
  }

 private:
  std::map<std::pair<std::string, std::uint64_t>, Hash256> ids_;
};

People by_county(People people) {
  for (auto& [id, person] : people) person.code += "0" + std::to_string(id.size());
  return people;
}

std::size_t files_below(const fs::path& folder) {
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    files += entry.is_regular_file() ? 1 : 0;
  }
  return files;
}

}  // namespace

TEST_CASE("publish: killed at any moment, files and registry agree and the next one completes") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  PublishingRealm world;
  world.add_office("country", "all");
  world.add_office("town", "1101");
  Memory memory;
  People people;
  int finished = 0;
  auto whole = std::chrono::microseconds(60'000);
  for (int round = 0; round < kKills; ++round) {
    CAPTURE(round);
    people = change_people(people, random, round == 0 ? 300 : 1 + random() % 20);
    const auto delay =
        std::chrono::microseconds(random() % static_cast<std::uint64_t>(whole.count()));
    finished += publish_and_kill(world, by_county(people), delay) ? 1 : 0;
    memory.look(world);
    if (round % 5 != 0) continue;
    const auto start = std::chrono::steady_clock::now();
    world.publish(by_county(people));
    whole = 2 * std::chrono::duration_cast<std::chrono::microseconds>(
                    std::chrono::steady_clock::now() - start);
    memory.look(world);
    CHECK(world.problems().empty());
  }
  MESSAGE("of " << kKills << " publishes " << kKills - finished << " were killed before their end");
  CHECK(finished < kKills);
  world.publish(by_county(people));
  for (const std::string& problem : world.problems()) FAIL_CHECK(problem);
  CHECK(files_below(world.repository() / "packs") ==
        must(world.registry().pack_files("people")).size());
}
