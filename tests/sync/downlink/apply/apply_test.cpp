// Applies packs: the rows equal the published rows at every grade, or nothing changes.
#include "sync/pack/coding/sizes.hpp"
#include "tests/sync/downlink/fixture_store.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

std::int64_t rows_in_tables(DatasetStore& store) {
  return must(store.database().integer("SELECT count(*) FROM " + store.table()));
}

}  // namespace

TEST_CASE("downlink: any path of packs gives the published rows at every grade") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  for (Grade grade = 1; grade <= 3; ++grade) {
    CAPTURE(static_cast<int>(grade));
    StoreFixture fixture(grade);
    PublishedStream stream = fixture.stream("3304");
    stream.version = 1;
    stream.rows = random_rows(random, 1 + below(random, 60));
    DatasetStore store = fixture.open();
    must(apply_pack(store, fixture.staged_snapshot(stream), fixture.context(stream)));
    for (int step = 0; step < 12; ++step) {
      CAPTURE(step);
      const StagedPack delta = fixture.staged_delta(stream, edited(random, stream.rows));
      const bool anew = below(random, 4) == 0;
      const AppliedPack applied = must(apply_pack(
          store, anew ? fixture.staged_snapshot(stream) : delta, fixture.context(stream)));
      REQUIRE(applied.version == stream.version);
      REQUIRE(must(store.clean({})));
      REQUIRE(equal_rows(fixture.read_back(grade), fixture.expected(stream.rows, grade)));
      REQUIRE(fixture.is_sound({&stream}));
      const HeldStream held = *must(store.stream("3304"));
      REQUIRE(held.version == stream.version);
      REQUIRE(held.rows == stream.rows.size());
      REQUIRE(rows_in_tables(store) == static_cast<std::int64_t>(stream.rows.size()));
    }
  }
}

TEST_CASE("downlink: a delta applied by two threads gives the published rows at every grade") {
  std::mt19937_64 random(29);
  for (Grade grade = 1; grade <= 3; ++grade) {
    StoreFixture fixture(grade);
    PublishedStream stream = fixture.stream("3304");
    stream.version = 1;
    stream.rows = random_rows(random, 3'000);
    DatasetStore store = fixture.open();
    must(apply_pack(store, fixture.staged_snapshot(stream), fixture.context(stream)));
    TestRows fewer = edited(random, stream.rows);
    TestRows others = fewer;
    for (Rid rid = 0; rid < 3'000; rid += 4) others.erase(rid);
    for (Rid rid = 5'000; rid < 6'000; ++rid) others[rid] = random_row(random, rid);
    for (const TestRows& next : {fewer, others}) {
      const StagedPack delta = fixture.staged_delta(stream, next);
      std::size_t large = 0;  // sections that two threads read and write
      for (const PackSection& section : delta.header.sections) large += section.raw_bytes > 4'096;
      CHECK(large >= 2);
      must(apply_pack(store, delta, fixture.context(stream)));
      CHECK(equal_rows(fixture.read_back(grade), fixture.expected(stream.rows, grade)));
      CHECK(fixture.is_sound({&stream}));
    }
  }
}

TEST_CASE("downlink: a row number deleted and reused in one pack is a different row") {
  for (Grade grade = 1; grade <= 3; grade = static_cast<Grade>(grade + 2)) {
    StoreFixture fixture(grade);
    std::mt19937_64 random(1);
    PublishedStream stream = fixture.stream("3304");
    stream.version = 1;
    stream.rows = random_rows(random, 5);
    DatasetStore store = fixture.open();
    must(apply_pack(store, fixture.staged_snapshot(stream), fixture.context(stream)));
    TestRows next = stream.rows;
    next[2] = random_row(random, 77);
    std::vector<SectionChanges> sections;
    const std::vector<SectionSchema> schemas = fixture.definition.sections();
    for (std::size_t i = 0; i < schemas.size(); ++i) {
      SectionChanges changes =
          section_changes(fixture.definition, schemas[i], stream.rows, next, stream.keys[i]);
      changes.updated_old = {};
      changes.updated_new = {};
      if (i == 0) changes.deletes = {2};
      push_row(changes.inserts, schemas[i].columns.size(), 2,
               section_row(fixture.definition, schemas[i], next[2]));
      sections.push_back(std::move(changes));
    }
    const BuiltPack pack = must(build_pack({.stream = stream.name, .from = 1, .to = 2}, sections,
                                           stream.keys, fixture.publisher));
    must(apply_pack(store, fixture.stage(pack), fixture.context(stream)));
    CHECK(equal_rows(fixture.read_back(grade), fixture.expected(next, grade)));
    CHECK(fixture.is_sound({&stream}));
    CHECK(rows_in_tables(store) == 5);
  }
}

TEST_CASE("downlink: a pack with any changed bit changes no visible row") {
  StoreFixture fixture(3);
  std::mt19937_64 random(2);
  PublishedStream stream = fixture.stream("3304");
  PublishedStream other = fixture.stream("3305");
  stream.version = other.version = 1;
  stream.rows = random_rows(random, 12);
  other.rows = random_rows(random, 9);
  const TestRows first = stream.rows;
  const StagedPack snapshot = fixture.staged_snapshot(stream);
  const StagedPack delta = fixture.staged_delta(stream, edited(random, first));
  for (const bool of_delta : {true, false}) {
    const StagedPack& target = of_delta ? delta : snapshot;
    const auto size = fs::file_size(target.file);
    for (std::size_t byte = target.header.header_bytes; byte < size; byte += 11) {
      CAPTURE(byte);
      std::error_code ignored;
      fs::remove(fixture.file(), ignored);
      DatasetStore store = fixture.open();
      must(apply_pack(store, fixture.staged_snapshot(other), fixture.context(other)));
      if (of_delta) must(apply_pack(store, snapshot, fixture.context(stream)));
      flip_bit(target.file, byte);
      CHECK(code_of(apply_pack(store, target, fixture.context(stream))) == ErrorCode::kUntrusted);
      flip_bit(target.file, byte);
      must(store.clean({}));
      const std::optional<HeldStream> held = must(store.stream("3304"));
      REQUIRE(held.has_value() == of_delta);
      if (of_delta) {
        CHECK(held->version == 1);
        CHECK(held->state == StreamState::kDamaged);
      }
      CHECK(must(store.stream("3305"))->state == StreamState::kGood);
      CHECK(rows_in_tables(store) == (of_delta ? 12 + 9 : 9));
    }
  }
}

TEST_CASE("downlink: a row changed by something else is detected and a snapshot repairs it") {
  StoreFixture fixture(1);
  std::mt19937_64 random(3);
  PublishedStream stream = fixture.stream("3304");
  stream.version = 1;
  stream.rows = random_rows(random, 20);
  DatasetStore store = fixture.open();
  must(apply_pack(store, fixture.staged_snapshot(stream), fixture.context(stream)));
  must(store.database().execute("UPDATE " + store.table() +
                                " SET name='x' WHERE row_id&2147483647=4"));
  CHECK_FALSE(fixture.is_sound({&stream}));
  TestRows next = stream.rows;
  next.erase(4);
  const StagedPack delta = fixture.staged_delta(stream, next);
  CHECK(code_of(apply_pack(store, delta, fixture.context(stream))) == ErrorCode::kUntrusted);
  CHECK(must(store.stream("3304"))->state == StreamState::kDamaged);
  CHECK(must(store.refused_packs()).empty());  // the delta gets a second try on good rows
  must(apply_pack(store, fixture.staged_snapshot(stream), fixture.context(stream)));
  CHECK(must(store.stream("3304"))->state == StreamState::kGood);
  CHECK(fixture.is_sound({&stream}));
}

TEST_CASE("downlink: a delta that does not fit the held version is rejected") {
  StoreFixture fixture(1);
  std::mt19937_64 random(4);
  PublishedStream stream = fixture.stream("3304");
  stream.version = 1;
  stream.rows = random_rows(random, 10);
  DatasetStore store = fixture.open();
  const StagedPack snapshot = fixture.staged_snapshot(stream);
  const StagedPack first = fixture.staged_delta(stream, edited(random, stream.rows));
  const StagedPack second = fixture.staged_delta(stream, edited(random, stream.rows));
  CHECK(code_of(apply_pack(store, first, fixture.context(stream))) == ErrorCode::kUntrusted);
  must(apply_pack(store, snapshot, fixture.context(stream)));
  CHECK(code_of(apply_pack(store, second, fixture.context(stream))) == ErrorCode::kUntrusted);
  CHECK(must(store.stream("3304"))->version == 1);
}

TEST_CASE("downlink: a pack with one row outside of its partition is refused whole") {
  std::mt19937_64 random(15);
  StoreFixture fixture(2);
  PublishedStream stream = fixture.stream("3304");
  stream.version = 1;
  stream.rows = random_rows(random, 10);
  DatasetStore store = fixture.open();
  ApplyContext context = fixture.context(stream);
  context.scope = {.column = "code", .partition = "3304"};
  must(apply_pack(store, fixture.staged_snapshot(stream), context));
  const TestRows before = stream.rows;
  // Signed by the publisher, sealed under the granted keys, pinned: and one row is another
  // county's.
  TestRows next = before;
  next.begin()->second[1] = text_cell("330502001");
  const StagedPack changed = fixture.staged_delta(stream, next);
  const Result<AppliedPack> delta = apply_pack(store, changed, context);
  REQUIRE(code_of(delta) == ErrorCode::kUntrusted);
  CHECK(delta.error().message.find("rows outside of 3304") != std::string::npos);
  CHECK(must(store.stream("3304"))->version == 1);
  CHECK(must(store.stream("3304"))->state == StreamState::kDamaged);
  CHECK(equal_rows(fixture.read_back(2), fixture.expected(before, 2)));
  const StagedPack snapshot = fixture.staged_snapshot(stream);
  CHECK(code_of(apply_pack(store, snapshot, context)) == ErrorCode::kUntrusted);
  CHECK(must(store.refused_packs()).contains(snapshot.name));
  CHECK(equal_rows(fixture.read_back(2), fixture.expected(before, 2)));
}

TEST_CASE("downlink: the wrong content key opens nothing") {
  StoreFixture fixture(2);
  std::mt19937_64 random(5);
  PublishedStream stream = fixture.stream("3304");
  stream.version = 1;
  stream.rows = random_rows(random, 10);
  DatasetStore store = fixture.open();
  ApplyContext wrong = fixture.context(stream);
  wrong.content_keys[1] = SymmetricKey::random();
  const StagedPack snapshot = fixture.staged_snapshot(stream);
  CHECK(code_of(apply_pack(store, snapshot, wrong)) == ErrorCode::kUntrusted);
  CHECK_FALSE(must(store.stream("3304")).has_value());
  CHECK(fixture.read_back(1).empty());
  CHECK(must(store.refused_packs()).contains(snapshot.header.id));
  must(store.validate_under("a new grant"));  // a new key may open it
  CHECK(must(store.refused_packs()).empty());
  must(apply_pack(store, snapshot, fixture.context(stream)));
  CHECK(fixture.is_sound({&stream}));
}

TEST_CASE("downlink: readers see the old version until a snapshot is complete") {
  StoreFixture fixture(1);
  std::mt19937_64 random(6);
  PublishedStream stream = fixture.stream("3304");
  stream.version = 1;
  stream.rows = random_rows(random, 30);
  const TestRows before = stream.rows;
  DatasetStore store = fixture.open();
  must(apply_pack(store, fixture.staged_snapshot(stream), fixture.context(stream)));
  stream.version = 2;
  stream.rows = random_rows(random, 40);
  ApplyContext watching = fixture.context(stream);
  int looks = 0;
  watching.should_stop = [&] {
    CHECK(equal_rows(fixture.read_back(1), fixture.expected(before, 1)));
    return ++looks > 400;
  };
  const ScopedPackSizes small({.seal_chunk_bytes = 64, .block_rows = 5, .block_bytes = 4096});
  const StagedPack snapshot = fixture.staged_snapshot(stream);
  must(apply_pack(store, snapshot, watching));
  CHECK(looks > 5);
  CHECK(equal_rows(fixture.read_back(1), fixture.expected(stream.rows, 1)));
}

TEST_CASE("downlink: a stop leaves the old version and no rows of the new one") {
  StoreFixture fixture(3);
  std::mt19937_64 random(7);
  PublishedStream stream = fixture.stream("3304");
  stream.version = 1;
  stream.rows = random_rows(random, 30);
  DatasetStore store = fixture.open();
  must(apply_pack(store, fixture.staged_snapshot(stream), fixture.context(stream)));
  const TestRows before = stream.rows;
  const ScopedPackSizes small({.seal_chunk_bytes = 64, .block_rows = 5, .block_bytes = 4096});
  const StagedPack delta = fixture.staged_delta(stream, edited(random, stream.rows));
  const StagedPack snapshot = fixture.staged_snapshot(stream);
  for (const StagedPack* pack : {&delta, &snapshot}) {
    ApplyContext stopping = fixture.context(stream);
    int pieces = 0;
    stopping.should_stop = [&] { return ++pieces > 3; };
    CHECK(code_of(apply_pack(store, *pack, stopping)) == ErrorCode::kUnreachable);
    CHECK(must(store.stream("3304"))->state == StreamState::kGood);
    CHECK(equal_rows(fixture.read_back(3), fixture.expected(before, 3)));
    must(store.clean({}));
    CHECK(rows_in_tables(store) == 30);
  }
  must(apply_pack(store, delta, fixture.context(stream)));
  CHECK(fixture.is_sound({&stream}));
}
