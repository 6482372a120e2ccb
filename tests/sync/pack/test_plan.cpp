// Plans are the cheapest path, compared with an exhaustive search.
#include "sync/pack/plan.hpp"
#include "tests/support/support.hpp"

namespace rootlet::test {
namespace {

using Path = std::vector<std::size_t>;

// The least cost over all paths.
std::uint64_t least(const std::vector<PackEdge>& edges, Version at, Version head) {
  if (at == head) return 0;
  std::uint64_t best = UINT64_MAX;
  for (const PackEdge& edge : edges) {
    if (edge.from != at || edge.to <= at || edge.to > head) continue;
    const std::uint64_t rest = least(edges, edge.to, head);
    if (rest != UINT64_MAX) best = std::min(best, edge.bytes + kRequestBytes + rest);
  }
  return best;
}

}  // namespace

TEST_CASE("plan: the delta chain is taken where it is cheaper than the steps") {
  const std::vector<PackEdge> edges{{7, 8, 1000},  {0, 8, 90000}, {8, 9, 1000},
                                    {8, 16, 3000}, {9, 16, 3500}, {0, 16, 95000}};
  const PackPlan plan = must(plan_packs(edges, 7, 16));
  CHECK(plan.edges == Path{0, 3});
  CHECK(plan.bytes == 4000);
  CHECK(!plan.from_nothing);
}

TEST_CASE("plan: a snapshot is taken when it is cheaper, or the only way") {
  const std::vector<PackEdge> edges{{5, 6, 500}, {0, 6, 400}};
  CHECK(must(plan_packs(edges, 5, 6)).edges == Path{1});
  CHECK(must(plan_packs(edges, 5, 6)).from_nothing);
  CHECK(must(plan_packs(edges, 3, 6)).from_nothing);
  CHECK(must(plan_packs(edges, 0, 6)).edges == Path{1});
}

TEST_CASE("plan: equal cost means fewer packs, and then keeping what is held") {
  const std::uint64_t both = 10 + kRequestBytes;
  CHECK(must(plan_packs(std::vector<PackEdge>{{1, 2, 5}, {2, 3, 5}, {1, 3, both}}, 1, 3)).edges ==
        Path{2});
  CHECK(!must(plan_packs(std::vector<PackEdge>{{0, 3, 10}, {1, 3, 10}}, 1, 3)).from_nothing);
}

TEST_CASE("plan: another request is worth some bytes, and no more") {
  const auto one_pack_of = [](std::uint64_t bytes) {
    const std::vector<PackEdge> edges{{1, 2, 500}, {2, 3, 500}, {1, 3, bytes}};
    return must(plan_packs(edges, 1, 3)).edges.size() == 1;
  };
  CHECK(one_pack_of(1000 + kRequestBytes));
  CHECK_FALSE(one_pack_of(1001 + kRequestBytes));
}

TEST_CASE("plan: nothing to do, nothing possible, nothing backwards") {
  CHECK(must(plan_packs({}, 4, 4)).edges.empty());
  CHECK(code_of(plan_packs({}, 4, 5)) == ErrorCode::kUntrusted);
  CHECK(code_of(plan_packs({}, 5, 4)) == ErrorCode::kUntrusted);
  CHECK(code_of(plan_packs(std::vector<PackEdge>{{5, 4, 1}, {4, 4, 1}, {4, 6, 1}}, 4, 5)) ==
        ErrorCode::kUntrusted);
}

TEST_CASE("plan: sizes that no disk has do not wrap") {
  const std::vector<PackEdge> edges{{1, 2, UINT64_MAX}, {2, 3, UINT64_MAX}, {0, 3, 10}};
  CHECK(must(plan_packs(edges, 1, 3)).edges == Path{2});
}

TEST_CASE("plan: always the least cost") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  for (int round = 0; round < 300; ++round) {
    std::vector<PackEdge> edges;
    for (std::size_t i = random() % 14; i > 0; --i) {
      edges.push_back({random() % 8, random() % 8, random() % 2000});
    }
    const Version current = random() % 4, head = current + random() % 5;
    const std::uint64_t expected = std::min(least(edges, current, head), least(edges, 0, head));
    const Result<PackPlan> plan = plan_packs(edges, current, head);
    if (head > current && expected == UINT64_MAX) {
      CHECK(plan.has_error());
      continue;
    }
    REQUIRE(plan.has_value());
    if (head == current) continue;
    CHECK(plan.value().bytes + plan.value().edges.size() * kRequestBytes == expected);
    Version at = plan.value().from_nothing ? 0 : current;
    for (const std::size_t edge : plan.value().edges) {
      CHECK(edges[edge].from == at);
      at = edges[edge].to;
    }
    CHECK(at == head);
  }
}

}  // namespace rootlet::test
