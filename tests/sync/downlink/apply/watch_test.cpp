// Watches: what deltas and snapshots bring to a condition equals a comparison of the tables.
#include <set>

#include "tests/sync/downlink/fixture_store.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

constexpr std::size_t kAge = 3, kRemark = 8;

struct TestWatch {
  RowWatch watch;
  bool (*matches)(const TestRow&);
};

bool is_old(const TestRow& row) {
  return row[kAge].kind == CellView::Kind::kInteger && row[kAge].integer >= 50;
}
bool has_no_remark(const TestRow& row) {
  return row[kRemark].kind == CellView::Kind::kNull;
}

RowWatch watch_of(std::string id, std::string column, std::string rest) {
  return {.id = std::move(id), .condition = [column, rest](std::string_view row) {
            return std::string(row) + "." + quote_identifier(column) + rest;
          }};
}

// One condition on a column of the first section and one on a column of the last.
std::vector<TestWatch> test_watches() {
  return {{watch_of("it's old", "age", ">=50"), is_old},
          {watch_of("bare", "remark", " IS NULL"), has_no_remark}};
}

std::vector<RowWatch> row_watches(const std::vector<TestWatch>& watches) {
  std::vector<RowWatch> out;
  for (const TestWatch& one : watches) out.push_back(one.watch);
  return out;
}

using Hits = std::map<std::string, std::string>;  // kind by key

Hits hits_of(DatasetStore& store, const std::string& watch) {
  Hits hits;
  for (const WatchHit& hit : must(load_hits(store.database(), watch, 10'000))) {
    hits[hit.key] = std::string(name_of(hit.kind));
  }
  return hits;
}

std::map<std::string, TestRow> by_key(const TestRows& rows) {
  std::map<std::string, TestRow> out;
  for (const auto& [rid, row] : rows) out["[\"" + row[0].text + "\"]"] = row;
  return out;
}

// Compares two versions of a table. Between them a row may have changed and changed back, so a
// match in both is only expected to be a hit if it differs.
Hits expected_hits(const TestRows& before, const TestRows& after, bool (*matches)(const TestRow&)) {
  Hits hits;
  const auto old_rows = by_key(before), new_rows = by_key(after);
  for (const auto& [key, row] : old_rows) {
    if (!matches(row)) continue;
    const auto now = new_rows.find(key);
    if (now == new_rows.end() || !matches(now->second)) {
      hits[key] = "vanished";
    } else if (!equal_cells(now->second, row)) {
      hits[key] = "changed";
    }
  }
  for (const auto& [key, row] : new_rows) {
    const auto was = old_rows.find(key);
    if (matches(row) && (was == old_rows.end() || !matches(was->second))) hits[key] = "new";
  }
  return hits;
}

}  // namespace

TEST_CASE("watch: each change brings exactly the rows that a comparison of the tables finds") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  StoreFixture fixture(3);
  const std::vector<TestWatch> watches = test_watches();
  const std::vector<RowWatch> conditions = row_watches(watches);
  PublishedStream stream = fixture.stream("3304");
  stream.version = 1;
  stream.rows = random_rows(random, 300);
  DatasetStore store = fixture.open();
  KeptTables tables(store, conditions);
  const ApplyContext context = fixture.context(stream);
  must(apply_pack(tables, fixture.staged_snapshot(stream), context));
  for (const TestWatch& watch : watches) CHECK(hits_of(store, watch.watch.id).empty());
  for (int step = 0; step < 10; ++step) {
    CAPTURE(step);
    const TestRows before = stream.rows;
    const StagedPack delta = fixture.staged_delta(stream, edited(random, stream.rows));
    const bool anew = step % 3 == 2;
    must(apply_pack(tables, anew ? fixture.staged_snapshot(stream) : delta, context));
    must(store.clean({}));
    for (const TestWatch& watch : watches) {
      CAPTURE(watch.watch.id);
      const Hits expected = expected_hits(before, stream.rows, watch.matches);
      CHECK(!expected.empty());
      CHECK(hits_of(store, watch.watch.id) == expected);
      must(forget_hits(store.database(), watch.watch.id));
    }
  }
}

TEST_CASE("watch: several versions become one answer") {
  std::mt19937_64 random(7);
  StoreFixture fixture(3);
  const std::vector<TestWatch> watches = test_watches();
  const std::vector<RowWatch> conditions = row_watches(watches);
  PublishedStream stream = fixture.stream("3304");
  stream.version = 1;
  stream.rows = random_rows(random, 200);
  DatasetStore store = fixture.open();
  KeptTables tables(store, conditions);
  const ApplyContext context = fixture.context(stream);
  must(apply_pack(tables, fixture.staged_snapshot(stream), context));
  const TestRows first = stream.rows;
  for (int step = 0; step < 6; ++step) {
    must(apply_pack(tables, fixture.staged_delta(stream, edited(random, stream.rows)), context));
  }
  const Hits expected = expected_hits(first, stream.rows, is_old);
  Hits found = hits_of(store, "it's old");
  for (const auto& [key, kind] : expected) CHECK(found[key] == kind);
  // A row that changed and changed back is a hit still; none that never matched is.
  for (const auto& [key, kind] : found) {
    CHECK((expected.contains(key) || kind == "changed"));
  }
  const std::vector<WatchCount> counts = must(count_hits(store.database()));
  REQUIRE(counts.size() == 2);
  CHECK(static_cast<std::size_t>(counts[1].found + counts[1].changed + counts[1].vanished) ==
        found.size());
}

TEST_CASE("watch: a change that is refused leaves no hit") {
  std::mt19937_64 random(8);
  StoreFixture fixture(3);
  const std::vector<RowWatch> conditions = row_watches(test_watches());
  PublishedStream stream = fixture.stream("3304");
  stream.version = 1;
  stream.rows = random_rows(random, 200);
  DatasetStore store = fixture.open();
  KeptTables tables(store, conditions);
  const ApplyContext context = fixture.context(stream);
  must(apply_pack(tables, fixture.staged_snapshot(stream), context));
  const StagedPack delta = fixture.staged_delta(stream, edited(random, stream.rows));
  flip_bit(delta.file, fs::file_size(delta.file) - 9);
  CHECK(apply_pack(tables, delta, context).has_error());
  CHECK(must(count_hits(store.database())).empty());
  CHECK(must(store.database().integer("SELECT count(*) FROM watch_hits")) == 0);
}

TEST_CASE("watch: hits of a removed watch are forgotten") {
  std::mt19937_64 random(9);
  StoreFixture fixture(3);
  const std::vector<RowWatch> conditions = row_watches(test_watches());
  PublishedStream stream = fixture.stream("3304");
  stream.version = 1;
  stream.rows = random_rows(random, 200);
  DatasetStore store = fixture.open();
  KeptTables tables(store, conditions);
  const ApplyContext context = fixture.context(stream);
  must(apply_pack(tables, fixture.staged_snapshot(stream), context));
  must(apply_pack(tables, fixture.staged_delta(stream, edited(random, stream.rows)), context));
  CHECK(must(count_hits(store.database())).size() == 2);
  must(keep_hits_of(store.database(), std::span(conditions).first(1)));
  CHECK(must(count_hits(store.database())).size() == 1);
  must(keep_hits_of(store.database(), {}));
  CHECK(must(count_hits(store.database())).empty());
}
