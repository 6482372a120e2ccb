// Kills a process at any point while it applies packs: the stream is at the old or the new version,
// and the next run finishes. What a watch found is as if nothing had been killed.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sync/pack/coding/sizes.hpp"
#include "tests/sync/downlink/fixture_store.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

constexpr int kKills = 60;

struct Step {
  StagedPack pack;
  ApplyContext context;
  Version after = 0;
  TestRows rows;
};

// Two snapshots and two deltas of one stream, built once. Every child process applies them all.
std::vector<Step> make_steps(StoreFixture& fixture, PublishedStream& stream,
                             std::mt19937_64& random) {
  std::vector<Step> steps;
  const auto add = [&](StagedPack pack) {
    steps.push_back({std::move(pack), fixture.context(stream), stream.version, stream.rows});
  };
  stream.version = 1;
  stream.rows = random_rows(random, 150);
  add(fixture.staged_snapshot(stream));
  for (int i = 0; i < 2; ++i) add(fixture.staged_delta(stream, edited(random, stream.rows)));
  stream.version = 4;
  stream.rows = random_rows(random, 170);
  add(fixture.staged_snapshot(stream));
  return steps;
}

Version held_version(DatasetStore& store) {
  const std::optional<HeldStream> held = must(store.stream("3304"));
  return held.has_value() ? held->version : 0;
}

RowWatch watch_of_age() {
  return {.id = "old",
          .condition = [](std::string_view row) { return std::string(row) + ".age>=50"; }};
}

// What the watch has found, by kind and key.
std::vector<std::string> hits_in(StoreFixture& fixture) {
  DatasetStore store = fixture.open();
  std::vector<std::string> hits;
  for (const WatchHit& hit : must(load_hits(store.database(), "old", 1'000))) {
    hits.push_back(std::string(name_of(hit.kind)) + hit.key);
  }
  return hits;
}

// Applies the remaining steps to the file.
void apply_rest(StoreFixture& fixture, const std::vector<Step>& steps) {
  DatasetStore store = fixture.open();
  const std::vector<RowWatch> watches{watch_of_age()};
  KeptTables tables(store, watches);
  must(store.clean({}));
  const Version held = held_version(store);
  for (const Step& step : steps) {
    if (step.after <= held) continue;
    must(apply_pack(tables, step.pack, step.context));
    must(store.clean({}));
  }
}

// True if the child finished before the kill.
bool run_and_kill(StoreFixture& fixture, const std::vector<Step>& steps,
                  std::chrono::microseconds after) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    apply_rest(fixture, steps);
    ::_exit(0);
  }
  ::usleep(static_cast<useconds_t>(after.count()));
  ::kill(child, SIGKILL);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status);
}

void check_whole(StoreFixture& fixture, const PublishedStream& stream,
                 const std::vector<Step>& steps) {
  DatasetStore store = fixture.open();
  const Version held = held_version(store);
  CAPTURE(held);
  TestRows expected;
  for (const Step& step : steps) {
    if (step.after == held) expected = step.rows;
  }
  REQUIRE(equal_rows(fixture.read_back(3), fixture.expected(expected, 3)));
  REQUIRE(fixture.is_sound({&stream}));
}

}  // namespace

TEST_CASE("downlink: after a kill at any moment a stream is at one whole version, and can finish") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  const ScopedPackSizes small({.seal_chunk_bytes = 512, .block_rows = 16, .block_bytes = 8192});
  StoreFixture fixture(3);
  PublishedStream stream = fixture.stream("3304");
  const std::vector<Step> steps = make_steps(fixture, stream, random);

  const auto began = std::chrono::steady_clock::now();
  apply_rest(fixture, steps);
  const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - began);
  const std::vector<std::string> hits = hits_in(fixture);
  CHECK(!hits.empty());
  int killed = 0;
  std::set<Version> seen;
  for (int round = 0; killed < kKills && round < 20 * kKills; ++round) {
    CAPTURE(round);
    if (round % 4 == 0) {  // from the beginning; else continues after the last kill
      for (const char* ending : {"", "-wal", "-shm"}) {
        must(remove_file(fixture.file().string() + ending));
      }
    }
    const std::chrono::microseconds after(
        below(random, 1 + static_cast<std::uint64_t>(whole.count())));
    if (!run_and_kill(fixture, steps, after)) ++killed;
    check_whole(fixture, stream, steps);
    DatasetStore store = fixture.open();
    seen.insert(held_version(store));
  }
  CHECK(killed >= kKills);
  CHECK(seen.size() >= 3);  // the kills happened at different moments
  apply_rest(fixture, steps);
  DatasetStore store = fixture.open();
  CHECK(held_version(store) == 4);
  CHECK(must(store.database().integer("SELECT count(*) FROM " + store.table())) == 170);
  CHECK(hits_in(fixture) == hits);  // each change was noted once, whatever was killed on its way
}
