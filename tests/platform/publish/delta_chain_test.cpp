// Tests of the delta chain with the real publisher and real packs: a year of publishes, offices
// that miss any part of it, and tables that change in every way.
#include "platform/packs/pack_policy.hpp"
#include "sync/pack/coding/sizes.hpp"
#include "tests/platform/publish/holder.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace rootlet::test;

namespace {

constexpr int kPublishes = 365;

// From every version of an office there is a short path to the head, with no more bytes than a
// snapshot.
void check_every_version(const PublicOffice& office) {
  for (const auto& [name, row] : office.streams()) {
    const std::vector<PackEdge> packs = office.packs_of(name);
    const auto head = static_cast<Version>(row.a);
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

TEST_CASE("delta chain: an office that missed a year of publishes catches up with a few packs") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  World world;
  std::vector<std::unique_ptr<Holder>> sleepers;
  People people = change_people({}, random, 900);
  for (int day = 0; day <= kPublishes; ++day) {
    world.publish(people);
    if (day == 0 || random() % 20 == 0) {
      sleepers.push_back(std::make_unique<Holder>(world));
      sleepers.back()->catch_up();
    }
    people = change_people(people, random, 1 + random() % 3);
  }
  people = change_people(people, random, 3);
  world.publish(people);
  for (auto& sleeper : sleepers) {
    const PublicOffice& office = sleeper->office();
    const std::size_t packs = office.packs_taken, directory_packs = office.directory_packs_taken;
    sleeper->catch_up();
    CHECK(sleeper->masked_rows() == rows_of(people, true));
    CHECK(office.packs_taken - packs <= 10 * office.streams().size());
    CHECK(office.directory_packs_taken - directory_packs <= 4);
    CHECK(office.directory_packs_listed <= 14);
  }
  check_every_version(sleepers.front()->office());
  CHECK(world.verify().problems.empty());
}

TEST_CASE(
    "delta chain: after any path of packs, rows and digest are equal, however the table changed") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  const ScopedPackSizes small({.seal_chunk_bytes = 64, .block_rows = 7, .block_bytes = 4096});
  for (int table = 0; table < 3; ++table) {
    World world;
    std::vector<std::unique_ptr<Holder>> sleepers;
    // Few ids and many changes: rows are deleted, others take their numbers, and the first return.
    People people;
    People before = people;
    for (int round = 0; round < 40; ++round) {
      if (round % 7 == 3) {
        people = before;  // restores an earlier state
      } else if (round % 11 == 10) {
        people.clear();
      } else {
        people = change_people(people, random, 1 + random() % (round % 5 == 0 ? 300 : 30));
      }
      if (random() % 3 == 0) before = people;
      world.publish(people);
      sleepers.push_back(std::make_unique<Holder>(world));
      sleepers.back()->catch_up();
      for (int wakes = 0; wakes < 2; ++wakes) {
        Holder& sleeper = *sleepers[random() % sleepers.size()];
        sleeper.catch_up();
        CHECK(sleeper.masked_rows() == rows_of(people, true));
      }
    }
    for (auto& sleeper : sleepers) {
      sleeper->catch_up();
      CHECK(sleeper->masked_rows() == rows_of(people, true));
    }
    check_every_version(sleepers.front()->office());
  }
}

TEST_CASE("delta chain: a dry run counts the merged deltas too") {
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
