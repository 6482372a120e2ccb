// Tests of platform/pack_policy: which packs an office could want.
#include "platform/pack_policy.hpp"

#include <map>

#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::test;

TEST_CASE("packs: a snapshot is due at first and when the deltas weigh more than half of it") {
  CHECK(snapshot_is_due({}, 1));
  const PackEdge first{0, 1, 1000};
  CHECK_FALSE(snapshot_is_due(std::array{first}, 1));
  CHECK_FALSE(snapshot_is_due(std::array{first, PackEdge{1, 2, 500}}, 2));
  CHECK(snapshot_is_due(std::array{first, PackEdge{1, 2, 501}}, 2));
  CHECK(snapshot_is_due(std::array{first, PackEdge{1, 2, 300}, PackEdge{2, 3, 201}}, 3));
  // A newer snapshot starts the count again.
  CHECK_FALSE(snapshot_is_due(std::array{first, PackEdge{1, 2, 501}, PackEdge{0, 2, 1100}}, 2));
}

TEST_CASE("packs: what lies on no cheapest path is dropped, what a sleeper needs is kept") {
  const std::vector<PackEdge> packs{{0, 1, 1000}, {1, 2, 600}, {0, 2, 1100}, {2, 3, 10}};
  const std::vector<bool> keep = packs_worth_keeping(packs, 3);
  CHECK_FALSE(keep[0]);  // the newer snapshot serves as well
  CHECK(keep[1]);        // an office at 1 pays 610, not 1110
  CHECK(keep[2]);
  CHECK(keep[3]);
}

TEST_CASE("packs: whatever happens, every version still reaches the head by its cheapest way") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  std::vector<PackEdge> live{{0, 1, 1000}};
  std::vector<PackEdge> ever = live;
  const auto cost = [](const std::vector<PackEdge>& packs, Version from, Version head) {
    std::map<Version, std::uint64_t> best{{head, 0}};
    for (Version v = head; v-- > 0;) {
      for (const PackEdge& pack : packs) {
        if (pack.from != v || !best.contains(pack.to)) continue;
        const std::uint64_t way = pack.bytes + best[pack.to];
        if (!best.contains(v) || way < best[v]) best[v] = way;
      }
    }
    const std::uint64_t up = best.contains(from) ? best[from] : best.at(0);
    return std::min(up, best.at(0));
  };
  for (Version head = 2; head < 60; ++head) {
    for (PackEdge pack : {PackEdge{head - 1, head, 20 + random() % 200}}) {
      live.push_back(pack);
      ever.push_back(pack);
    }
    if (snapshot_is_due(live, head)) {
      live.push_back({0, head, 900 + random() % 300});
      ever.push_back(live.back());
    }
    const std::vector<bool> keep = packs_worth_keeping(live, head);
    std::vector<PackEdge> kept;
    for (std::size_t i = 0; i < live.size(); ++i) {
      if (keep[i]) kept.push_back(live[i]);
    }
    live = kept;
    for (Version from = 0; from < head; ++from) {
      CAPTURE(from);
      CAPTURE(head);
      CHECK(cost(live, from, head) == cost(ever, from, head));
    }
    CHECK(live.size() < 25);
  }
}
