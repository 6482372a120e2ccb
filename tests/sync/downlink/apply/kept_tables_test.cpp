// What stays from pack to pack: statements serve every stream, and triggers notice only what
// readers see.
#include "sync/downlink/apply/kept_tables.hpp"

#include "tests/sync/downlink/fixture_store.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

RowWatch everything(std::string id, std::string column = "id") {
  return {.id = std::move(id), .condition = [column](std::string_view row) {
            return std::string(row) + "." + quote_identifier(column) + " IS NOT NULL";
          }};
}

// Hits of all watches, those that cancel out too.
std::int64_t noted(DatasetStore& store) {
  return must(store.database().integer("SELECT count(*) FROM watch_hits"));
}

std::int64_t triggers_in(DatasetStore& store, const std::string& schema) {
  return must(store.database().integer("SELECT count(*) FROM " + schema +
                                       " WHERE type='trigger' AND name LIKE 'watch%'"));
}

StagedPack broken(const StagedPack& pack) {
  flip_bit(pack.file, fs::file_size(pack.file) - 9);
  return pack;
}

// Streams of one file, each with its publisher's state.
struct Streams {
  explicit Streams(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      all.push_back(fixture.stream(std::to_string(3304 + i)));
      all.back().version = 1;
      all.back().rows = random_rows(random, 60);
    }
  }
  void load(KeptTables& tables) {
    for (const PublishedStream& stream : all) {
      must(apply_pack(tables, fixture.staged_snapshot(stream), fixture.context(stream)));
    }
  }
  StagedPack delta(PublishedStream& stream) {
    return fixture.staged_delta(stream, edited(random, stream.rows));
  }
  void change(KeptTables& tables, PublishedStream& stream) {
    must(apply_pack(tables, delta(stream), fixture.context(stream)));
  }
  void check() {
    std::vector<const PublishedStream*> streams;
    for (const PublishedStream& stream : all) {
      CAPTURE(stream.name.partition);
      CHECK(equal_rows(fixture.read_back(3, {stream.name.partition}),
                       fixture.expected(stream.rows, 3)));
      streams.push_back(&stream);
    }
    CHECK(fixture.is_sound(streams));
  }

  std::mt19937_64 random{41};
  StoreFixture fixture{3};
  std::vector<PublishedStream> all;
};

}  // namespace

TEST_CASE("kept tables: the same statements serve one stream after the other") {
  Streams streams(3);
  DatasetStore store = streams.fixture.open();
  KeptTables tables(store);
  CHECK(must(tables.section(0, 1)) == must(tables.section(0, 2)));
  streams.load(tables);
  for (int round = 0; round < 4; ++round) {
    for (PublishedStream& stream : streams.all) streams.change(tables, stream);
    streams.check();
  }
}

TEST_CASE("kept tables: after a pack that fails, the next ones are applied as if it had not been") {
  Streams streams(2);
  DatasetStore store = streams.fixture.open();
  const std::vector<RowWatch> watches{everything("all")};
  KeptTables tables(store, watches);
  streams.load(tables);
  streams.change(tables, streams.all[1]);
  must(forget_hits(store.database(), "all"));
  for (int round = 0; round < 3; ++round) {
    PublishedStream& stream = streams.all[0];
    const StagedPack bad = broken(streams.delta(stream));
    CHECK(code_of(apply_pack(tables, bad, streams.fixture.context(stream))) ==
          ErrorCode::kUntrusted);
    CHECK(noted(store) == 0);
    ApplyContext stopping = streams.fixture.context(streams.all[1]);
    stopping.should_stop = [] { return true; };
    const TestRows before = streams.all[1].rows;
    const StagedPack other = streams.delta(streams.all[1]);
    CHECK(code_of(apply_pack(tables, other, stopping)) == ErrorCode::kUnreachable);
    CHECK(noted(store) == 0);
    must(apply_pack(tables, other, streams.fixture.context(streams.all[1])));
    CHECK(noted(store) > 0);
    must(forget_hits(store.database(), "all"));
    // A snapshot repairs the first stream: all of its changes are hits, once.
    must(apply_pack(tables, streams.fixture.staged_snapshot(stream),
                    streams.fixture.context(stream)));
    must(store.clean({}));
    CHECK(noted(store) > 0);
    must(forget_hits(store.database(), "all"));
    streams.check();
  }
}

TEST_CASE("kept tables: rows of a slot that no reader sees bring no hit") {
  Streams streams(1);
  PublishedStream& stream = streams.all[0];
  DatasetStore store = streams.fixture.open();
  const std::vector<RowWatch> watches{everything("all")};
  KeptTables tables(store, watches);
  streams.load(tables);
  streams.change(tables, stream);
  must(forget_hits(store.database(), "all"));
  REQUIRE(triggers_in(store, "sqlite_temp_schema") == 3);

  // A snapshot of the same rows, whose slot fills while the triggers are there; then the old slot's
  // rows are removed.
  must(
      apply_pack(tables, streams.fixture.staged_snapshot(stream), streams.fixture.context(stream)));
  CHECK(noted(store) == 0);
  must(store.clean({}));
  CHECK(noted(store) == 0);

  // One that fails.
  const StagedPack bad = broken(streams.fixture.staged_snapshot(stream));
  CHECK(apply_pack(tables, bad, streams.fixture.context(stream)).has_error());
  must(store.clean({}));
  CHECK(noted(store) == 0);

  // A stream that is taken away says so elsewhere.
  must(store.drop_stream(stream.name.partition));
  must(store.clean({}));
  CHECK(noted(store) == 0);
  CHECK(must(store.database().integer("SELECT count(*) FROM " + store.table())) == 0);
}

TEST_CASE("kept tables: a watch that is added between two runs sees the second only") {
  Streams streams(2);
  DatasetStore store = streams.fixture.open();
  {
    KeptTables tables(store, {});
    streams.load(tables);
    streams.change(tables, streams.all[0]);
    CHECK(noted(store) == 0);
  }
  {
    const std::vector<RowWatch> watches{everything("late")};
    KeptTables tables(store, watches);
    CHECK(triggers_in(store, "sqlite_temp_schema") == 0);  // before the first change
    streams.change(tables, streams.all[1]);
    CHECK(triggers_in(store, "sqlite_temp_schema") == 3);
    // In memory only: whatever ends the process, the file keeps none.
    CHECK(triggers_in(store, "main.sqlite_schema") == 0);
    CHECK(must(count_hits(store.database())).size() == 1);
    must(forget_hits(store.database(), "late"));
  }
  CHECK(triggers_in(store, "sqlite_temp_schema") == 0);
  KeptTables tables(store, {});
  streams.change(tables, streams.all[1]);
  CHECK(noted(store) == 0);
}

TEST_CASE("kept tables: a run under another definition watches its columns") {
  Streams streams(1);
  PublishedStream& stream = streams.all[0];
  {
    DatasetStore store = streams.fixture.open();
    const std::vector<RowWatch> watches{everything("all")};
    KeptTables tables(store, watches);
    streams.load(tables);
    streams.change(tables, stream);
    must(forget_hits(store.database(), "all"));
  }
  streams.fixture.definition = roster(R"(,{"name":"mail","type":"text"})");
  DatasetStore store = streams.fixture.open();
  const std::vector<RowWatch> watches{everything("mail", "mail")};
  KeptTables tables(store, watches);
  TestRows next = stream.rows;
  for (auto& [rid, row] : next) row.push_back(OwnedCell{});
  next.begin()->second.back() = text_cell("a@b");
  must(apply_pack(tables, streams.fixture.staged_delta(stream, next),
                  streams.fixture.context(stream)));
  const std::vector<WatchHit> hits = must(load_hits(store.database(), "mail", 10));
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].kind == HitKind::kNew);
  streams.check();
}

TEST_CASE("kept tables: a row that came and went is no hit, and its key is forgotten") {
  Streams streams(1);
  PublishedStream& stream = streams.all[0];
  DatasetStore store = streams.fixture.open();
  const std::vector<RowWatch> watches{everything("all")};
  KeptTables tables(store, watches);
  streams.load(tables);
  const TestRows before = stream.rows;
  TestRows more = before;
  more[1'000] = random_row(streams.random, 1'000);
  for (const TestRows& next : {more, before}) {
    must(apply_pack(tables, streams.fixture.staged_delta(stream, next),
                    streams.fixture.context(stream)));
  }
  CHECK(must(count_hits(store.database())).empty());
  CHECK(must(load_hits(store.database(), "all", 10)).empty());
  must(keep_hits_of(store.database(), watches));
  CHECK(noted(store) == 0);
}

// A program's triggers are programs of their own, listed behind it with addresses from 0.
TEST_CASE("kept tables: what a watch adds to a statement searches and never scans") {
  Streams streams(1);
  DatasetStore store = streams.fixture.open();
  std::vector<RowWatch> watches;
  for (const char* column : {"id", "age", "remark"}) watches.push_back(everything(column, column));
  KeptTables tables(store, watches);
  must(tables.watched().watch());
  must(drop_search_index(store.database(), store.generation()));  // its triggers are not meant
  for (const char* statement :
       {"INSERT INTO rows_1(row_id,id) VALUES(1,'a')", "UPDATE rows_1 SET age=1 WHERE row_id=1",
        "DELETE FROM rows_1 WHERE row_id=1"}) {
    CAPTURE(statement);
    Statement explain = must(store.database().prepare(std::string("EXPLAIN ") + statement));
    int programs = 0, searches = 0;
    while (must(explain.step())) {
      if (explain.integer(0) == 0) ++programs;
      if (programs < 2) continue;  // the statement itself
      const std::string_view step = explain.text(1);
      CHECK(step != "Rewind");
      CHECK(step != "Last");
      searches += step.starts_with("Seek") || step == "NotFound" || step == "NoConflict" ? 1 : 0;
    }
    CHECK(programs == 2);
    CHECK(searches >= 4);  // the visible stream, and a hit of each watch
  }
}
