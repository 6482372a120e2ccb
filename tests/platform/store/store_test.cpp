// The contract of Store, on SQLite or on the server that ROOTLET_TEST_DATABASE names.
#include "platform/store/store.hpp"

#include <atomic>
#include <memory>
#include <thread>

#include "core/crypto.hpp"
#include "platform/store/database_address.hpp"
#include "storage/row_values.hpp"
#include "tests/support/support.hpp"
#include "tests/support/test_database.hpp"

namespace rootlet::platform {
namespace {

using namespace rootlet::test;

constexpr std::string_view kMigrations[] = {
    "CREATE TABLE things(number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, content BLOB, "
    "offset INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE sums(name TEXT, place TEXT, sum INTEGER NOT NULL, PRIMARY KEY(name, place)) "
    "WITHOUT ROWID;",
    "ALTER TABLE things ADD COLUMN more TEXT NOT NULL DEFAULT ''"};

struct Place {
  TempDir folder;
  SymmetricKey key = SymmetricKey::random();
  StorePlace place() const { return {folder / "things.db", &key, test_database(folder.path())}; }
  Store open(std::size_t migrations = 2) const {
    return must(Store::open(place(), std::span(kMigrations).first(migrations)));
  }
};

void add(Store& store, std::string_view name) {
  Statement insert = must(store.prepare("INSERT INTO things(name) VALUES(?)"));
  must(insert.bind_all(name).run());
}

std::vector<std::string> names_in(Store& store) {
  Statement query = must(store.prepare("SELECT name FROM things ORDER BY name"));
  return must(read_all(query, [](const Statement& row) { return text_at(row, 0); }));
}

TEST_CASE("store: values of each kind come back, and null is empty") {
  const Place place;
  Store store = place.open();
  const Bytes bytes{0, 255, 10};
  Statement insert = must(
      store.prepare("INSERT INTO things(name, content, offset) VALUES(?,?,?) RETURNING number"));
  CHECK(must(insert.bind_all("王小明", bytes, INT64_MIN).number()) == 1);
  CHECK(must(insert.bind_all("", nullptr, INT64_MAX).number()) == 2);
  Statement query = must(store.prepare("SELECT name, content, offset FROM things ORDER BY number"));
  REQUIRE(must(query.step()));
  CHECK(query.text(0) == "王小明");
  CHECK(to_bytes(query.blob(1)) == bytes);
  CHECK(query.integer(2) == INT64_MIN);
  REQUIRE(must(query.step()));
  CHECK(query.text(0).empty());
  CHECK_FALSE(query.is_null(0));
  CHECK(query.is_null(1));
  CHECK(query.blob(1).empty());
  CHECK(query.integer(2) == INT64_MAX);
  CHECK_FALSE(must(query.step()));
}

TEST_CASE("store: a text that is no text stops nobody") {
  const Place place;
  Store store = place.open();
  add(store, std::string_view("a\0b\xFF", 4));
  NewRows rows("things", "name");
  for (int i = 0; i < 200; ++i) rows.add(std::to_string(i) + std::string("\0\xC0", 2));
  Transaction transaction = must(Transaction::begin(store));
  must(store.insert(rows));
  must(transaction.commit());
  CHECK(must(store.integer("SELECT count(*) FROM things")) == 201);
}

TEST_CASE("store: texts are ordered by their bytes") {
  const Place place;
  Store store = place.open();
  for (const char* name : {"a", "B", "é", "10", "9", "{", "李"}) add(store, name);
  CHECK(names_in(store) == std::vector<std::string>{"10", "9", "B", "a", "{", "é", "李"});
}

TEST_CASE("store: what was not committed is gone, and an error in between ends it all") {
  const Place place;
  Store store = place.open();
  {
    Transaction transaction = must(Transaction::begin(store));
    add(store, "lost");
  }
  CHECK(names_in(store).empty());
  {
    Transaction transaction = must(Transaction::begin(store));
    add(store, "twice");
    Statement insert = must(store.prepare("INSERT INTO things(name) VALUES('twice')"));
    // At once, or when the transaction is to be committed.
    const bool fails_now = insert.run().has_error();
    CHECK((fails_now || transaction.commit().has_error()));
  }
  CHECK(names_in(store).empty());
  Transaction transaction = must(Transaction::begin(store));
  add(store, "kept");
  must(transaction.commit());
  Store again = place.open();
  CHECK(names_in(again) == std::vector<std::string>{"kept"});
}

TEST_CASE("store: rows are there for those who open it again, with the migrations they know") {
  const Place place;
  {
    Store store = place.open(1);
    add(store, "old");
  }
  Store store = place.open();
  CHECK(must(store.integer("SELECT count(*) FROM things WHERE more=''")) == 1);
  CHECK(code_of(Store::open(place.place(), std::span(kMigrations).first(1))) ==
        ErrorCode::kStorageDamaged);
}

TEST_CASE("store: upsert replaces the row of its keys, or leaves it") {
  const Place place;
  Store store = place.open();
  Statement replace = must(store.prepare(upsert("sums", "name, place", "sum")));
  must(replace.bind_all("a", "x", 1).run());
  must(replace.bind_all("a", "y", 2).run());
  must(replace.bind_all("a", "x", 7).run());
  CHECK(must(store.integer("SELECT sum FROM sums WHERE place='x'")) == 7);
  CHECK(must(store.integer("SELECT count(*) FROM sums")) == 2);
  Statement leave =
      must(store.prepare("INSERT INTO sums VALUES(?,?,?) ON CONFLICT DO NOTHING "
                         "RETURNING 1"));
  CHECK_FALSE(must(leave.bind_all("a", "x", 9).any()));
  CHECK(must(leave.bind_all("b", "x", 9).any()));
}

TEST_CASE("store: few and many new rows arrive as they were given") {
  const Place place;
  Store store = place.open();
  for (const int count : {0, 1, 5000}) {
    must(store.execute("DELETE FROM things"));
    NewRows rows("things", "name, content, offset");
    for (int i = 0; i < count; ++i) {
      rows.add("n" + std::to_string(i), ByteView(blake2b(as_bytes(std::to_string(i)))), -i);
    }
    Transaction transaction = must(Transaction::begin_beside(store, {"a"}));
    must(store.insert(rows));
    must(transaction.commit());
    CHECK(must(store.integer("SELECT count(*) FROM things")) == count);
    CHECK(must(store.integer("SELECT min(offset) FROM things", 1)) == (count == 0 ? 1 : 1 - count));
  }
  Statement last = must(store.prepare("SELECT content FROM things WHERE name='n4999'"));
  REQUIRE(must(last.step()));
  CHECK(hash_at(last, 0) == blake2b(as_bytes("4999")));
}

TEST_CASE("store: started questions are answered, each to its statement") {
  const Place place;
  Store store = place.open();
  for (int i = 0; i < 30; ++i) add(store, "n" + std::to_string(i));
  Transaction transaction = must(Transaction::begin(store));
  std::vector<Statement> queries;
  for (int i = 0; i < 30; ++i) {
    queries.push_back(must(store.prepare("SELECT number FROM things WHERE name=?")));
    must(queries.back().bind_all("n" + std::to_string(i)).start());
  }
  add(store, "later");
  for (int i = 29; i >= 0; --i) {
    REQUIRE(must(queries[static_cast<std::size_t>(i)].step()));
    CHECK(queries[static_cast<std::size_t>(i)].integer(0) == i + 1);
  }
}

TEST_CASE("store: a secret comes back under its own name alone") {
  const Place place;
  Store store = place.open();
  const SymmetricKey secret = SymmetricKey::random();
  const Bytes column = store.seal("one", secret);
  CHECK(must(store.unseal("one", column)) == secret);
  if (!store.is_shared()) return;
  CHECK(column.size() > secret.expose().size());
  CHECK(code_of(store.unseal("two", column)) == ErrorCode::kUntrusted);
}

TEST_CASE("store: one transaction alone, others beside each other unless they name the same") {
  const Place place;
  Store one = place.open(), two = place.open();
  if (!one.is_shared()) return;
  const auto waits = [&](auto begin) {
    const auto done = std::make_shared<std::atomic<bool>>(false);
    std::thread other([done, begin] {
      must(must(begin()).commit());
      *done = true;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    return std::pair(!*done, std::move(other));
  };
  for (const bool is_alone : {true, false}) {
    Transaction held =
        must(is_alone ? Transaction::begin(one) : Transaction::begin_beside(one, {"a"}));
    auto [same, first] = waits([&] { return Transaction::begin_beside(two, {"a", "b"}); });
    CHECK(same);
    must(held.commit());
    first.join();
  }
  Transaction held = must(Transaction::begin_beside(one, {"a"}));
  auto [other, second] = waits([&] { return Transaction::begin_beside(two, {"b"}); });
  second.join();
  CHECK_FALSE(other);
}

TEST_CASE("store: an address of a database, and its prefix") {
  CHECK(must(parse_database_address("postgres://u@h/d")).place == "//u@h/d");
  CHECK(must(parse_database_address("postgres://u@h/d")).prefix == "rootlet");
  const DatabaseAddress named =
      must(parse_database_address("postgres://u@h/d?sslmode=require&schema=county&port=1"));
  CHECK(named.place == "//u@h/d?sslmode=require&port=1");
  CHECK(named.prefix == "county");
  CHECK(must(parse_database_address("postgres://h/d?schema=a&port=1")).place == "//h/d?port=1");
  CHECK(must(parse_database_address("postgres://h/d?schema=a")).place == "//h/d");
  for (const char* wrong : {"", "mysql://h/d", "postgres:d", "postgres://h/d?schema=A;DROP",
                            "postgres://h/d?schema="}) {
    CAPTURE(wrong);
    CHECK(code_of(parse_database_address(wrong)) == ErrorCode::kUsage);
  }
}

}  // namespace
}  // namespace rootlet::platform
