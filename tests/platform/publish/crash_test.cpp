// Publishing is killed at random moments, many times. After each kill, an office that sees only the
// public folder never goes back, no version has two contents, and the next publish completes.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/publish/verification.hpp"
#include "platform/source/csv_source.hpp"
#include "tests/platform/publish/world.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace rootlet::test;

namespace {

constexpr int kKills = 60;

UnixTime now() {
  return system_clock().wall();
}

// Publishes `csv` in a child and kills it after `delay`; true if the child finished before.
bool publish_and_kill(const fs::path& realm_path, const fs::path& csv,
                      std::chrono::microseconds delay) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    Result<Realm> realm = Realm::open(realm_path);
    if (realm.has_error()) ::_exit(3);
    const auto report =
        publish_dataset(realm.value(), "people", {.open_source = csv_file(csv)}, now());
    ::_exit(report.has_error() ? 2 : 0);
  }
  ::usleep(static_cast<useconds_t>(delay.count()));
  ::kill(child, SIGKILL);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFEXITED(status)) REQUIRE(WEXITSTATUS(status) == 0);
  return WIFEXITED(status);
}

// Remembers the packs of each stream that an office has seen: none may ever change.
class Memory {
 public:
  void look(PublicOffice& office) {
    must(office.refresh());
    for (const auto& [name, row] : office.streams()) {
      CHECK(row.a >= newest_[name]);
      CHECK(row.a <= newest_[name] + 2);  // the killed publish and the one that completed it
      newest_[name] = row.a;
    }
    for (const auto& [name, row] : office.packs()) {
      const auto [known, fresh] = packs_.try_emplace(name, row.hash);
      CHECK(known->second == row.hash);
    }
  }

 private:
  std::map<std::string, std::string> packs_;
  std::map<std::string, std::int64_t> newest_;
};

std::set<std::string> held_rows(const std::map<std::string, HeldStream>& streams) {
  std::set<std::string> rows;
  for (const auto& [partition, held] : streams) {
    for (const auto& [rid, row] : held.rows) {
      std::string text;
      for (const OwnedCell& cell : row) {
        if (!text.empty()) text += '|';
        if (cell.kind == CellView::Kind::kInteger) text += std::to_string(cell.integer);
        if (cell.kind == CellView::Kind::kText) text += cell.text;
      }
      rows.insert(text);
    }
  }
  return rows;
}

}  // namespace

TEST_CASE("publish: killed at any moment, the next one completes and no version forks") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  const TempDir folder;
  const RealmFolder realm_folder{folder / "realm"};
  make_realm(realm_folder.path);
  const auto registry_key = [&](auto read) {
    Realm realm = must(Realm::open(realm_folder.path));
    return must(read(realm.registry()));
  };
  PublicOffice office(realm_folder, folder / "trust", registry_key([](Registry& registry) {
                        return registry.secret("directory-content");
                      }));
  Memory memory;
  People people = change_people({}, random, 300);
  std::map<std::string, HeldStream> held;
  int finished = 0;
  // Measure a whole publish, so that the kills happen during one.
  auto whole = std::chrono::microseconds(60'000);
  for (int round = 0; round < kKills; ++round) {
    CAPTURE(round);
    people = change_people(people, random, 1 + random() % 20);
    write_people(folder / "people.csv", people);
    const auto delay =
        std::chrono::microseconds(random() % static_cast<std::uint64_t>(whole.count()));
    if (publish_and_kill(realm_folder.path, folder / "people.csv", delay)) ++finished;
    memory.look(office);  // before any repair
    if (round % 5 != 0) continue;

    const auto start = std::chrono::steady_clock::now();
    {
      Realm realm = must(Realm::open(realm_folder.path));
      must(publish_dataset(realm, "people", {.open_source = csv_file(folder / "people.csv")}, now()));
    }
    whole = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                                  start) *
            2;
    memory.look(office);
    for (const auto& [name, row] : office.streams()) {
      const std::string partition = must(StreamName::parse(name)).partition;
      const auto keys =
          registry_key([](Registry& registry) { return registry.content_keys("people"); });
      for (const ContentKey& key : keys) {
        if (key.stream.partition != partition || key.grade != 1) continue;
        auto& stream = held.try_emplace(partition, people_definition().sections()[0].columns.size())
                           .first->second;
        must(office.catch_up(partition, 0, key.key, stream));
      }
    }
    CHECK(held_rows(held) == rows_of(people, true));
  }
  MESSAGE("of " << kKills << " publishes " << kKills - finished << " were killed before their end");
  CHECK(finished < kKills);
  Realm realm = must(Realm::open(realm_folder.path));
  must(publish_dataset(realm, "people", {.open_source = csv_file(folder / "people.csv")}, now()));
  const Verification verified = must(verify_realm(realm, system_clock()));
  for (const std::string& problem : verified.problems) MESSAGE(problem);
  CHECK(verified.problems.empty());
  // No unknown file is left.
  const auto files_in = [&](const char* name) {
    std::size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(realm_folder.repository() / name)) {
      files += entry.is_regular_file() ? 1 : 0;
    }
    return files;
  };
  CHECK(files_in("packs") == must(realm.registry().packs("")).size());
  CHECK(files_in("directory") == must(realm.registry().directory_packs()).size());
}
