// Tests of pack_policy.hpp: which packs are made and kept.
#include "platform/packs/pack_policy.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace rootlet::test;

TEST_CASE("packs: a snapshot is due first and when the deltas have more than half of its bytes") {
  CHECK(snapshot_is_due({}, 1));
  const PackEdge first{0, 1, 1000};
  CHECK_FALSE(snapshot_is_due(std::array{first}, 1));
  CHECK_FALSE(snapshot_is_due(std::array{first, PackEdge{1, 2, 500}}, 2));
  CHECK(snapshot_is_due(std::array{first, PackEdge{1, 2, 501}}, 2));
  CHECK(snapshot_is_due(std::array{first, PackEdge{1, 2, 300}, PackEdge{2, 3, 201}}, 3));
  // A newer snapshot resets the count.
  CHECK_FALSE(snapshot_is_due(std::array{first, PackEdge{1, 2, 501}, PackEdge{0, 2, 1100}}, 2));
}

TEST_CASE("packs: those on no cheapest path are dropped, those that a late office needs are kept") {
  const std::vector<PackEdge> packs{{0, 1, 10000}, {1, 2, 6000}, {0, 2, 11000}, {2, 3, 100}};
  const std::vector<bool> keep = packs_worth_keeping(packs, 3);
  CHECK_FALSE(keep[0]);  // the newer snapshot serves as well
  CHECK(keep[1]);        // an office at 1 fetches 6100 bytes, not 11100
  CHECK(keep[2]);
  CHECK(keep[3]);
  CHECK_FALSE(packs_worth_keeping(packs, 3, 1)[1]);  // version 1 is too far behind
}

TEST_CASE("packs: a merged delta is worth having if it saves more than its directory row costs") {
  const std::vector<PackEdge> steps{{1, 2, 500}, {2, 3, 500}};
  CHECK(is_worth_having({1, 3, 1000}, steps));
  CHECK(is_worth_having({1, 3, 1350}, steps));
  CHECK_FALSE(is_worth_having({1, 3, 1352}, steps));
  CHECK(is_worth_having({1, 4, 100000}, steps));  // there was no path
}

TEST_CASE(
    "delta chain: every start of a merged delta was a base version until then, and few other "
    "versions are") {
  std::map<Version, Version> last_start;  // version → the last head that has a merged delta from it
  for (Version head = 1; head < 2000; ++head) {
    for (const Version start : merged_delta_starts(head)) {
      REQUIRE(start >= 1);
      REQUIRE(start + 1 < head);
      REQUIRE(head - start <= kDeltaChainVersions);
      last_start[start] = head;
    }
    CHECK(merged_delta_starts(head).size() <= 20);
  }
  for (Version head = 1; head < 1000; ++head) {
    std::vector<Version> expected;
    for (const auto& [start, last] : last_start) {
      if (start <= head && last > head) expected.push_back(start);
    }
    CAPTURE(head);
    const std::vector<Version> kept = base_versions(head);
    CHECK(std::is_sorted(kept.begin(), kept.end()));
    CHECK(std::includes(kept.begin(), kept.end(), expected.begin(), expected.end()));
    CHECK(kept.size() <= expected.size() + 5);
    CHECK(kept.size() <= 21);
  }
}

namespace {

// The bytes of a stream's packs: a header of `fixed` bytes, then each changed row once.
struct Weights {
  std::uint64_t fixed = 260, row = 8, rows = 20000;
  double rate = 0.01;
  std::uint64_t of(Version steps) const {
    const double share = 1 - std::pow(1 - rate, static_cast<double>(steps));
    return fixed + static_cast<std::uint64_t>(share * static_cast<double>(rows * row));
  }
};

std::vector<PackEdge> kept_of(const std::vector<PackEdge>& packs, Version head) {
  const std::vector<bool> keep = packs_worth_keeping(packs, head);
  std::vector<PackEdge> kept;
  for (std::size_t i = 0; i < packs.size(); ++i) {
    if (keep[i]) kept.push_back(packs[i]);
  }
  return kept;
}

}  // namespace

TEST_CASE("delta chain: from any version at most ten packs lead to the head") {
  const Weights weights{.rate = 0.001};
  std::vector<PackEdge> packs{{0, 1, 10'000'000}};
  std::size_t most = 0;
  for (Version head = 2; head <= 1200; ++head) {
    packs.push_back({head - 1, head, weights.of(1)});
    for (const Version start : merged_delta_starts(head)) {
      const PackEdge merged{start, head, weights.of(head - start)};
      if (is_worth_having(merged, packs)) packs.push_back(merged);
    }
    packs = kept_of(packs, head);
    CHECK(packs.size() <= kDeltaChainVersions + 10);
    for (Version at = head > kDeltaChainVersions ? head - kDeltaChainVersions : 1; at < head;
         ++at) {
      const PackPlan plan = must(plan_packs(packs, at, head));
      most = std::max(most, plan.edges.size());
    }
  }
  MESSAGE("most packs: ", most);
  CHECK(most <= 10);
}

TEST_CASE(
    "packs: after dropping packs, every version still reaches the head by its cheapest path") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  // Each change costs bytes once: a merged pack has at most the bytes of its parts together, and at
  // least those of each part.
  std::vector<std::uint64_t> weights{60000, 60000};
  const auto weight = [&](Version from, Version to) {
    std::uint64_t sum = 0, most = 0;
    for (Version v = from + 1; v <= to; ++v) {
      sum += weights[v];
      most = std::max(most, weights[v]);
    }
    return 300 + (sum + most) / 2;
  };
  std::vector<PackEdge> live{{0, 1, 60000}};
  std::vector<PackEdge> ever = live;
  for (Version head = 2; head < 150; ++head) {
    weights.push_back(random() % 3000);
    std::vector<PackEdge> made{{head - 1, head, weight(head - 1, head)}};
    for (const Version start : merged_delta_starts(head))
      made.push_back({start, head, weight(start, head)});
    if (snapshot_is_due(live, head)) made.push_back({0, head, 60000 + 100 * head});
    live.insert(live.end(), made.begin(), made.end());
    ever.insert(ever.end(), made.begin(), made.end());
    live = kept_of(live, head);
    CHECK(live.size() <= head + 2);
    for (Version from = 0; from < head; ++from) {
      CAPTURE(from);
      CAPTURE(head);
      const std::uint64_t best = must(plan_packs(ever, from, head)).bytes;
      const std::uint64_t now = must(plan_packs(live, from, head)).bytes;
      // A pack dropped because of a snapshot might have saved bytes in a later merged delta, but
      // never many.
      CHECK(now <= best + best / 3 + 10 * kRequestBytes);
    }
  }
}
