// Rows that a person takes page by page: they do not add up to an export. Each call of OfficeWorld
// is like a process of its own, which knows of the others by the ledger.
#include "core/local_limits.hpp"
#include "tests/agent/reading/full_roster.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

constexpr int kPeople = static_cast<int>(limits::kRowsInWindow) + 600;

json::object page(std::string_view after = "") {
  return roster_query({{"limit", 1000},
                       {"columns", json::array{"id"}},
                       {"pages", true},
                       {"after", std::string(after)}});
}

// Pages through the roster until it ends or is refused; how many rows it got.
std::int64_t rows_in_pages(OfficeWorld& world, std::optional<Error>& refusal) {
  std::int64_t rows = 0;
  std::string after;
  while (true) {
    const auto done = world.call("query", page(after));
    if (done.has_error()) {
      refusal = done.error();
      return rows;
    }
    rows += integer_at(done.value(), "count");
    after = text_at(done.value(), "next");
    if (after.empty()) return rows;
  }
}

json::object search_all() {
  return {{"dataset", "roster"},
          {"purpose", "verification"},
          {"limit", 1000},
          {"columns", json::array{"id", "name"}},
          {"text", "王小明"}};
}

}  // namespace

TEST_CASE("pages: the number of all rows is that of the granted divisions, as counting finds it") {
  OfficeWorld world;
  fill_with_people(world, 7);
  fill_with_people(world, 5, "3305", "q");  // held, and no longer granted
  for (const json::array& where : {json::array{}, json::array{"name=eq.王小明"}}) {
    KeepingSink sink;
    must(
        world.call("query", roster_query({{"limit", 2}, {"count", true}, {"where", where}}), sink));
    CHECK(integer_at(sink.heads.front(), "total") == 7);
  }
}

TEST_CASE(
    "pages: a person who reads one after the other is stopped in words, and the hour passes") {
  OfficeWorld world;
  fill_with_people(world, kPeople);
  std::optional<Error> refusal;
  CHECK(rows_in_pages(world, refusal) == limits::kRowsInWindow);
  REQUIRE(refusal.has_value());
  CHECK(refusal->code == ErrorCode::kNotPermitted);
  CHECK(refusal->message.find("5000 rows of dataset roster") != std::string::npos);
  CHECK(refusal->hint.en.find("--limit 0") != std::string::npos);
  CHECK_FALSE(refusal->hint.zh.empty());
  const auto entries = entries_of(world);
  CHECK(entries.front().use.outcome == "not_permitted");
  CHECK(entries.front().use.command == "query");

  SUBCASE("one row by its key, and a search, are no pages") {
    CHECK(world
              .call("show", {{"dataset", "roster"},
                             {"purpose", "verification"},
                             {"limit", 0},
                             {"columns", json::array()},
                             {"key", "p7"}})
              .has_value());
    CHECK(world.call("search", search_all()).has_value());
  }
  SUBCASE("half an hour later it is as before, an hour later pages go on") {
    world.clock.set_wall(world.clock.wall() + limits::kRowWindow / 2);
    CHECK(code_of(world.call("query", page())) == ErrorCode::kNotPermitted);
    world.clock.set_wall(world.clock.wall() + limits::kRowWindow / 2);
    CHECK(world.call("query", page()).has_value());
  }
}

TEST_CASE("pages: an export has its own rule, and pages beside it too") {
  OfficeWorld world;
  world.give_grant(2, "full", false, true);
  fill_with_people(world, kPeople);
  const json::object all = roster_query({{"limit", 0}, {"columns", json::array{"id"}}});
  for (int i = 0; i < 3; ++i) CHECK(integer_at(must(world.call("query", all)), "count") == kPeople);
  std::optional<Error> refusal;
  CHECK(rows_in_pages(world, refusal) == limits::kRowsInWindow);
  REQUIRE(refusal.has_value());
  CHECK(integer_at(must(world.call("query", all)), "count") == kPeople);
}

TEST_CASE("pages: a clerk's morning of screens is not stopped") {
  OfficeWorld world;
  fill_with_people(world, kPeople);
  for (int screen = 0; screen < 90; ++screen) {
    CHECK(world.call("query", roster_query()).has_value());
  }
}

TEST_CASE("pages: a search of many rows counts as a page, one of a screen does not") {
  RowCounter counter;
  const Use search{.uid = 1, .user = "wang", .command = "search", .dataset = "roster"};
  for (int i = 0; i < 500; ++i) CHECK(must(counter.promise(search, 50)) == 50);
  for (int i = 0; i < limits::kRowsInWindow / 1'000; ++i) {
    CHECK(must(counter.promise(search, 1'000)) == 1'000);
  }
  CHECK(must(counter.promise(search, 1'000)) == 50);  // a screen always
  Use query = search;
  query.command = "query";
  CHECK(code_of(counter.promise(query, 1)) == ErrorCode::kNotPermitted);
}

TEST_CASE("pages: rows that are about to leave count, so readers at once get no more than one") {
  RowCounter counter;
  const Use use{.at = UnixTime(std::chrono::seconds(1'000'000)),
                .uid = 1,
                .user = "wang",
                .command = "query",
                .dataset = "roster",
                .purpose = "verification"};
  for (int i = 0; i < limits::kRowsInWindow / 1'000; ++i) {
    CHECK(must(counter.promise(use, 1'000)) == 1'000);
  }
  CHECK(code_of(counter.promise(use, 1)) == ErrorCode::kNotPermitted);
  Use other = use;
  other.purpose = "address-lookup";
  CHECK(code_of(counter.promise(other, 1)) == ErrorCode::kNotPermitted);
  other.command = "sql";
  other.dataset = "roster,villages";
  CHECK(code_of(counter.promise(other, 1)) == ErrorCode::kNotPermitted);
  other.user = "li";
  CHECK(must(counter.promise(other, 1)) == 1);
  counter.take_back(use, 300);
  CHECK(must(counter.promise(use, 1'000)) == 300);  // as many as are left
}
