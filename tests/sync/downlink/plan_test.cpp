// Which packs in which order: pure decisions.
#include "sync/downlink/plan.hpp"

#include "sync/downlink/grant_update.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

PackEntry edge(Version from, Version to, std::uint64_t bytes) {
  return {.stream = {"roster", "3304"}, .from = from, .to = to, .file_bytes = bytes};
}

std::vector<Version> way(const std::vector<PackEntry>& packs) {
  std::vector<Version> versions;
  for (const PackEntry& pack : packs) versions.push_back(pack.to);
  return versions;
}

StreamFacts facts_at(Version held) {
  StreamFacts facts;
  facts.head = {.stream = {"roster", "3304"}, .version = 3, .epoch = 1};
  facts.packs = {edge(0, 2, 9000), edge(0, 1, 5000), edge(1, 2, 50), edge(2, 3, 60)};
  if (held > 0) {
    facts.held = HeldStream{.partition = "3304", .version = held, .epoch = 1};
    facts.held->digests.push_back({1, SectionDigest()});
  }
  return facts;
}

using Way = std::vector<Version>;

}  // namespace

TEST_CASE("downlink: good rows take deltas, everything else starts from a snapshot") {
  CHECK(way(plan_stream(facts_at(1)).packs) == Way{2, 3});
  CHECK(way(plan_stream(facts_at(0)).packs) == Way{1, 2, 3});
  StreamFacts damaged = facts_at(1);
  damaged.held->state = StreamState::kDamaged;
  CHECK(way(plan_stream(damaged).packs) == Way{1, 2, 3});
  StreamFacts rekeyed = facts_at(3);
  rekeyed.held->epoch = 7;
  CHECK(way(plan_stream(rekeyed).packs) == Way{1, 2, 3});
  StreamFacts later_keys = facts_at(1);
  later_keys.head.epoch = 2;
  CHECK(way(plan_stream(later_keys).packs) == Way{2, 3});
  StreamFacts narrower = facts_at(3);
  narrower.has_current_layout = false;
  CHECK(way(plan_stream(narrower).packs) == Way{1, 2, 3});
  StreamFacts stranded = facts_at(1);
  stranded.packs = {edge(0, 3, 900)};
  CHECK(way(plan_stream(stranded).packs) == Way{3});
}

TEST_CASE("downlink: a snapshot is used where it is smaller than the deltas") {
  StreamFacts facts = facts_at(1);
  facts.packs = {edge(1, 2, 500), edge(2, 3, 500), edge(0, 3, 700)};
  CHECK(way(plan_stream(facts).packs) == Way{3});
}

TEST_CASE("downlink: at the head there is nothing to do, and no stream goes back") {
  StreamFacts facts = facts_at(3);
  CHECK_FALSE(plan_stream(facts).has_work());
  CHECK_FALSE(plan_stream(facts).trouble.has_value());
  StreamFacts back = facts_at(3);
  back.head.version = 2;
  CHECK(plan_stream(back).trouble->code == ErrorCode::kUntrusted);
  CHECK_FALSE(plan_stream(back).has_work());
  // Unless what is held binds nobody any more.
  back.may_go_back = true;
  back.packs = {edge(0, 2, 9000), edge(2, 3, 60)};
  CHECK(way(plan_stream(back).packs) == Way{2});
  CHECK(plan_stream(back).is_fork);
  CHECK_FALSE(plan_stream(back).trouble.has_value());
}

TEST_CASE("downlink: the plan avoids refused packs, and reports a missing path or key") {
  StreamFacts facts = facts_at(1);
  facts.refused = {edge(1, 2, 0).name()};
  CHECK(way(plan_stream(facts).packs) == Way{2, 3});  // from nothing, without version 1
  facts.refused = {edge(2, 3, 0).name()};
  CHECK(plan_stream(facts).trouble->code == ErrorCode::kUntrusted);
  StreamFacts locked = facts_at(1);
  locked.has_keys = false;
  CHECK(plan_stream(locked).trouble->code == ErrorCode::kNotPermitted);
  CHECK_FALSE(plan_stream(locked).has_work());
}

TEST_CASE("downlink: partitions outside the grant are dropped") {
  Grant grant;
  grant.divisions = {"33", "3401"};
  std::vector<StreamHead> heads;
  for (const char* partition : {"3304", "3401", "3402", "all"}) {
    heads.push_back({.stream = {"roster", partition}, .version = 1});
  }
  const std::vector<StreamHead> granted = granted_heads(grant, heads);
  REQUIRE(granted.size() == 2);
  const std::vector<HeldStream> held = {{.partition = "3304"}, {.partition = "3402"}};
  CHECK(plan_lost(held, grant) == std::vector<std::string>{"3402"});
}

TEST_CASE("downlink: a head with other rows under the version held is a fork, healed by snapshot") {
  StreamFacts facts = facts_at(3);
  facts.head.digest = std::string(kPinnedDigestBytes, '\0');  // of no rows, as held
  CHECK_FALSE(plan_stream(facts).has_work());
  CHECK_FALSE(plan_stream(facts).is_fork);
  facts.head.digest[0] = 1;
  CHECK(plan_stream(facts).is_fork);
  CHECK(way(plan_stream(facts).packs) == Way{1, 2, 3});
  facts.held->state = StreamState::kDamaged;  // then the office's rows are to blame
  CHECK_FALSE(plan_stream(facts).is_fork);
}

TEST_CASE("downlink: a grant never goes back") {
  GrantFile held;
  held.version = 4;
  CHECK_FALSE(must(needs_grant(std::nullopt, nullptr)));
  CHECK(code_of(needs_grant(std::nullopt, &held)) == ErrorCode::kNotPermitted);
  CHECK_FALSE(must(needs_grant(GrantEntry{.version = 4}, &held)));
  CHECK(must(needs_grant(GrantEntry{.version = 5}, &held)));
  CHECK(must(needs_grant(GrantEntry{.version = 1}, nullptr)));
  CHECK(code_of(needs_grant(GrantEntry{.version = 3}, &held)) == ErrorCode::kUntrusted);
}
