// Tests of the delta chain: a year of publishes, offices that sleep through any part of it, and
// tables that change in every way, all with the real publisher and the real packs.
#include "platform/packs/pack_policy.hpp"
#include "sync/pack/coding/sizes.hpp"
#include "sync/pack/plan.hpp"
#include "tests/platform/publish/world.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace rootlet::test;

namespace {

constexpr int kPublishes = 365;

// From every version that an office may hold, a short path leads to the head, and costs no more
// than a snapshot.
void check_every_version(LiveOffice& office) {
  for (const auto& stream : office.heads()) {
    const Version head = stream.version;
    std::vector<PackEdge> packs;
    for (const rootlet::PackEntry& pack : office.packs_of(stream.stream.partition)) {
      packs.push_back({.from = pack.from, .to = pack.to, .bytes = pack.file_bytes});
    }
    CHECK(packs.size() <= std::min(head, kDeltaChainVersions) + 12);
    const std::uint64_t from_nothing = must(plan_packs(packs, 0, head)).bytes;
    for (Version at = 1; at < head; ++at) {
      CAPTURE(at);
      const PackPlan plan = must(plan_packs(packs, at, head));
      CHECK(plan.edges.size() <= 10);
      CHECK(plan.bytes <= from_nothing + 10 * kRequestBytes);
    }
  }
}

}  // namespace

TEST_CASE(
    "delta chain: an office that sleeps through a year of publishes catches up in a few packs") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  World world;
  std::vector<LiveOffice*> sleepers;
  People people = change_people({}, random, 900);
  for (int day = 0; day <= kPublishes; ++day) {
    world.publish(people);
    if (day == 0 || random() % 20 == 0) {
      sleepers.push_back(&world.add_office());
      sleepers.back()->synced();
    }
    people = change_people(people, random, 1 + random() % 3);
  }
  people = change_people(people, random, 3);
  world.publish(people);
  for (LiveOffice* sleeper : sleepers) {
    sleeper->link.forget();
    sleeper->synced();
    CHECK(sleeper->rows() == rows_of(people, true));
    CHECK(sleeper->link.times_asked_below("packs") <= 10 * sleeper->streams().size());
    CHECK(sleeper->link.times_asked_below("directory") <= 6);
  }
  // Heads and catalogue have few packs, for each row of them is in a node.
  for (const StreamName& stream : {heads_stream("people", "all"), catalogue_stream()}) {
    CHECK(must(world.registry().tree().packs_of(stream)).size() <= 14);
  }
  check_every_version(*sleepers.front());
  CHECK(world.verify().problems.empty());
}

TEST_CASE(
    "delta chain: after any path of packs rows and digest are equal, however the table changed") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  const ScopedPackSizes small({.seal_chunk_bytes = 64, .block_rows = 7, .block_bytes = 4096});
  for (int table = 0; table < 3; ++table) {
    World world;
    std::vector<LiveOffice*> sleepers;
    // Few ids and many changes: rows go, others take their numbers, and the first come back.
    People people;
    People before = people;
    for (int round = 0; round < 40; ++round) {
      if (round % 7 == 3) {
        people = before;  // everything is as it was once
      } else if (round % 11 == 10) {
        people.clear();
      } else {
        people = change_people(people, random, 1 + random() % (round % 5 == 0 ? 300 : 30));
      }
      if (random() % 3 == 0) before = people;
      world.publish(people);
      sleepers.push_back(&world.add_office());
      sleepers.back()->synced();
      for (int wakes = 0; wakes < 2; ++wakes) {
        LiveOffice& sleeper = *sleepers[random() % sleepers.size()];
        sleeper.synced();
        CHECK(sleeper.rows() == rows_of(people, true));
      }
    }
    for (LiveOffice* sleeper : sleepers) {
      sleeper->synced();
      CHECK(sleeper->rows() == rows_of(people, true));
    }
    check_every_version(*sleepers.front());
  }
}

TEST_CASE("delta chain: a dry run counts the merged packs too") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  World world;
  People people = change_people({}, random, 900);
  std::uint64_t most = 0;
  for (int version = 1; version <= 8; ++version) {
    const PublishReport dry = world.publish(people, true);
    const PublishReport done = world.publish(people);
    CHECK(dry.packs == done.packs);
    CHECK(dry.partitions == done.partitions);
    most = std::max(most, done.packs - done.partitions);
    people = change_people(people, random, 12);
  }
  CHECK(most > 0);
}
