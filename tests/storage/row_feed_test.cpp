// Rows in memory as a table: all are written once, and a row that does not fit is an error.
#include "storage/row_feed.hpp"

#include "tests/support/support.hpp"

using namespace rootlet;
using test::must;
using test::TempDir;

namespace {

// Numbers, texts, bytes and nulls in turn; may refuse one row.
class Mixed final : public FeedSource {
 public:
  explicit Mixed(std::size_t count, std::size_t refused = ~std::size_t{0})
      : count_(count), refused_(refused) {}
  std::size_t rows() const override { return count_; }
  bool put(std::size_t row, std::size_t column, FeedCell cell) override {
    if (row == refused_) return false;
    if (column == 0) {
      cell.set(static_cast<std::int64_t>(row));
    } else if (row % 4 == 0) {
      cell.set(nullptr);
    } else if (row % 4 == 1) {
      cell.set(std::int64_t{-7});
    } else if (row % 4 == 2) {
      cell.set(std::string_view("文字"));
    } else {
      cell.set(as_bytes(std::string_view("\0\1", 2)));
    }
    return true;
  }

 private:
  std::size_t count_, refused_;
};

struct Fixture {
  TempDir folder;
  Database database = must(Database::open(folder / "a.db", SymmetricKey::random()));
  RowFeed feed = must(RowFeed::open(database, 2));
  Fixture() { must(database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, cell)")); }
  Statement insert() {
    return must(database.prepare("INSERT OR IGNORE INTO t SELECT * FROM " + feed.name()));
  }
  std::int64_t count(const std::string& where) {
    return must(database.integer("SELECT count(*) FROM t WHERE " + where));
  }
};

}  // namespace

TEST_CASE("storage: one statement writes all rows of a feed, cells of every kind") {
  Fixture fixture;
  Statement insert = fixture.insert();
  Mixed rows(10'000);
  must(fixture.feed.run(insert, rows));
  CHECK(fixture.database.changes() == 10'000);
  CHECK(fixture.count("id % 4 = 0 AND cell IS NULL") == 2'500);
  CHECK(fixture.count("id % 4 = 1 AND cell = -7") == 2'500);
  CHECK(fixture.count("id % 4 = 2 AND cell = '文字'") == 2'500);
  CHECK(fixture.count("id % 4 = 3 AND cell = x'0001'") == 2'500);
  Mixed again(10'004);
  must(fixture.feed.run(insert, again));
  CHECK(fixture.database.changes() == 4);  // the others are there
  Mixed none(0);
  must(fixture.feed.run(insert, none));
  CHECK(fixture.database.changes() == 0);
}

TEST_CASE("storage: a row that does not fit ends the statement, which then leaves nothing") {
  Fixture fixture;
  Statement insert = fixture.insert();
  Mixed rows(100, 50);
  CHECK(fixture.feed.run(insert, rows).has_error());
  CHECK(fixture.count("1") == 0);
  Mixed whole(100);
  must(fixture.feed.run(insert, whole));
  CHECK(fixture.count("1") == 100);
}

TEST_CASE("storage: a feed is empty unless it runs, and two feeds are independent") {
  Fixture fixture;
  const RowFeed other = must(RowFeed::open(fixture.database, 5));
  CHECK(other.name() != fixture.feed.name());
  CHECK(must(fixture.database.integer("SELECT count(*) FROM " + fixture.feed.name())) == 0);
  CHECK(must(fixture.database.integer("SELECT count(c4) FROM " + other.name())) == 0);
}

TEST_CASE("storage: a feed is read once, and the rows that it names are found by their id") {
  Fixture fixture;
  Statement insert = fixture.insert();
  Mixed rows(1'000);
  must(fixture.feed.run(insert, rows));
  must(fixture.database.execute("CREATE INDEX i ON t(cell)"));
  const std::string name = fixture.feed.name();
  const std::string update = "UPDATE t SET cell='new' FROM " + name + " AS feed WHERE t.id=feed.c0";
  const std::string remove = "DELETE FROM t WHERE id IN (SELECT c0 FROM " + name + ")";
  const auto plan = [&](const std::string& sql) {
    Statement explain = must(fixture.database.prepare("EXPLAIN QUERY PLAN " + sql));
    std::string steps;
    while (must(explain.step())) steps += std::string(explain.text(3)) + "; ";
    return steps;
  };
  CHECK(plan(update) ==
        "SCAN feed VIRTUAL TABLE INDEX 0:; SEARCH t USING INTEGER PRIMARY KEY (rowid=?); ");
  CHECK(plan(remove).starts_with("SEARCH t USING INTEGER PRIMARY KEY (rowid=?); "));
  Mixed some(100), others(1'001);
  Statement change = must(fixture.database.prepare(update));
  must(fixture.feed.run(change, some));
  CHECK(fixture.database.changes() == 100);
  CHECK(fixture.count("cell = 'new'") == 100);
  Statement removal = must(fixture.database.prepare(remove));
  must(fixture.feed.run(removal, others));
  CHECK(fixture.database.changes() == 1'000);  // one more is named, and not there
}
