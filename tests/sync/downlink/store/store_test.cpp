// One file for all streams of a dataset: visible rows, dropped streams and schema changes.
#include "tests/sync/downlink/fixture_store.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

std::int64_t tables_of_rows(DatasetStore& store) {
  return must(store.database().integer(
      "SELECT count(*) FROM sqlite_schema WHERE type='table' AND name LIKE 'rows~_%' ESCAPE '~'"));
}

PublishedStream loaded(StoreFixture& fixture, DatasetStore& store, const std::string& partition,
                       std::size_t rows) {
  std::mt19937_64 random(rows);
  PublishedStream stream = fixture.stream(partition);
  stream.version = 1;
  stream.rows = random_rows(random, rows);
  must(apply_pack(store, fixture.staged_snapshot(stream), fixture.context(stream)));
  return stream;
}

}  // namespace

TEST_CASE("downlink: only granted divisions are visible") {
  StoreFixture fixture(1);
  DatasetStore store = fixture.open();
  loaded(fixture, store, "3304", 20);
  loaded(fixture, store, "3401", 11);
  CHECK(fixture.read_back(1, {"3401"}).size() == 11);
  CHECK(fixture.read_back(1, {"33"}).size() == 20);
  CHECK(fixture.read_back(1, {"35"}).empty());
  CHECK(fixture.read_back(1, {}).empty());
  CHECK(fixture.read_back(1, {"3' OR '1"}).empty());
}

TEST_CASE("downlink: the granted grade decides what is shown, not the content of the file") {
  StoreFixture fixture(3);
  DatasetStore store = fixture.open();
  const PublishedStream stream = loaded(fixture, store, "3304", 10);
  for (Grade grade = 1; grade <= 3; ++grade) {
    CHECK(equal_rows(fixture.read_back(grade), fixture.expected(stream.rows, grade)));
  }
  const TestRow low = fixture.read_back(1).at(0);
  CHECK(low[7].text.find("****") != std::string::npos);
  CHECK(low[8].kind == CellView::Kind::kNull);
  const ReadRight masked{.max_grade = 3, .masked_only = true, .divisions = kEverywhere};
  CHECK(shown_columns(fixture.definition, masked)[7].shown == Shown::kMasked);
  CHECK(shown_columns(fixture.definition, masked)[8].shown == Shown::kNothing);
}

TEST_CASE("downlink: a dropped stream is invisible at once and soon removed from the file") {
  StoreFixture fixture(1);
  DatasetStore store = fixture.open();
  loaded(fixture, store, "3304", 50);
  const PublishedStream stays = loaded(fixture, store, "3305", 10);
  must(store.drop_stream("3304"));
  CHECK(fixture.read_back(1).size() == 10);
  CHECK_FALSE(must(store.clean([] { return true; })));  // stopped at once
  CHECK(must(store.clean({})));
  CHECK(must(store.database().integer("SELECT count(*) FROM " + store.table())) == 10);
  CHECK(fixture.is_sound({&stays}));
}

TEST_CASE("downlink: columns appended to the schema keep rows and versions") {
  StoreFixture fixture(3);
  PublishedStream stream;
  {
    DatasetStore store = fixture.open();
    stream = loaded(fixture, store, "3304", 15);
  }
  fixture.definition = roster(R"(,{"name":"email","type":"text"})");
  DatasetStore store = fixture.open();
  CHECK(tables_of_rows(store) == 1);
  CHECK(store.has_current_layout(*must(store.stream("3304"))));
  CHECK(equal_rows(fixture.read_back(3), fixture.expected(stream.rows, 3)));
  CHECK(fixture.is_sound({&stream}));
  TestRows next = stream.rows;
  next[3].push_back(text_cell("a@b"));
  must(apply_pack(store, fixture.staged_delta(stream, next), fixture.context(stream)));
  CHECK(equal_rows(fixture.read_back(3), fixture.expected(stream.rows, 3)));
  CHECK(fixture.is_sound({&stream}));
}

TEST_CASE(
    "downlink: any other schema change keeps the old rows readable until a snapshot arrives") {
  StoreFixture fixture(1);
  PublishedStream stream, second;
  {
    DatasetStore store = fixture.open();
    stream = loaded(fixture, store, "3304", 15);
    second = loaded(fixture, store, "3305", 6);
  }
  fixture.set_max_grade(3);  // a grant of a higher grade: more sections
  DatasetStore store = fixture.open();
  CHECK(tables_of_rows(store) == 2);
  CHECK_FALSE(store.has_current_layout(*must(store.stream("3304"))));
  CHECK(fixture.read_back(1).size() == 15);  // both streams, distinguished by slot
  must(apply_pack(store, fixture.staged_snapshot(stream), fixture.context(stream)));
  must(store.clean({}));
  CHECK(tables_of_rows(store) == 2);  // the other stream still uses it
  CHECK(equal_rows(fixture.read_back(3, {"3304"}), fixture.expected(stream.rows, 3)));
  must(apply_pack(store, fixture.staged_snapshot(second), fixture.context(second)));
  must(store.clean({}));
  CHECK(tables_of_rows(store) == 1);
  CHECK(fixture.is_sound({&stream, &second}));
}

TEST_CASE("downlink: a wrong key and a newer file are rejected") {
  StoreFixture fixture(1);
  const StoreLayout layout = dataset_layout(fixture.definition, 1);
  { DatasetStore store = fixture.open(); }
  CHECK(code_of(DatasetStore::open(fixture.file(), SymmetricKey::random(), layout)) ==
        ErrorCode::kStorageDamaged);
  CHECK(code_of(DatasetReader::open(fixture.folder / "none.db", fixture.file_key())) ==
        ErrorCode::kStorage);
  {
    DatasetStore store = fixture.open();
    must(store.database().execute("PRAGMA user_version=99"));
  }
  CHECK(code_of(DatasetStore::open(fixture.file(), fixture.file_key(), layout)) ==
        ErrorCode::kStorageDamaged);
}

TEST_CASE("downlink: a layout parses back as encoded") {
  const StoreLayout layout = dataset_layout(roster(), 3);
  CHECK(must(StoreLayout::parse(layout.encode())).has_rows_of(layout));
  CHECK(layout.sections.size() == 3);
  CHECK(layout.key == std::vector<std::string>{"id"});
  CHECK(dataset_layout(roster(), 1).column("phone~") != nullptr);
  CHECK(dataset_layout(roster(), 1).column("phone") == nullptr);
  CHECK(code_of(StoreLayout::parse("{}")) == ErrorCode::kStorageDamaged);
}

TEST_CASE("downlink: a key is found by its index") {
  StoreFixture fixture(1);
  DatasetStore store = fixture.open();
  loaded(fixture, store, "3304", 40);
  DatasetReader reader = fixture.reader();
  const VisibleRows visible =
      must(reader.visible_rows(fixture.definition, {.max_grade = 1, .divisions = kEverywhere}));
  Statement plan = must(reader.database().prepare("EXPLAIN QUERY PLAN SELECT * FROM " +
                                                  visible.sql + " WHERE \"id\"='330404'"));
  std::string text;
  while (must(plan.step())) text += std::string(plan.text(3)) + "\n";
  CAPTURE(text);
  CHECK(text.find("rows_1_key") != std::string::npos);
}
