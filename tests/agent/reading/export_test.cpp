// Exports: more rows than for the screen. They need the grant's leave, are counted, and carry the
// number of their ledger entry.
#include "core/local_limits.hpp"
#include "tests/agent/reading/full_roster.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

constexpr int kPeople = static_cast<int>(limits::kScreenRows) + 200;

json::object all_rows() {
  return roster_query({{"limit", 0}, {"columns", json::array{"id"}}});
}

}  // namespace

TEST_CASE("export: without the grant's leave only what fits the screen is read") {
  OfficeWorld world;
  fill_with_people(world, kPeople);
  for (const std::int64_t limit : {std::int64_t{0}, std::int64_t{kPeople}, std::int64_t{1001}}) {
    KeepingSink sink;
    const auto refused = world.call("query", roster_query({{"limit", limit}}), sink);
    CHECK(code_of(refused) == ErrorCode::kNotPermitted);
    CHECK(refused.error().hint.en.find("--limit 1000") != std::string::npos);
    CHECK(sink.kept.empty());
    CHECK(sink.heads.empty());
  }
  const json::object done = must(world.call("query", roster_query({{"limit", 1000}})));
  CHECK(integer_at(done, "count") == 1000);
  CHECK(boolean_at(done, "more"));
  CHECK(integer_at(done, "limit") == 1000);
  // All rows, but few: no export.
  const json::object few = must(
      world.call("query", roster_query({{"limit", 0}, {"where", json::array{"id=like.p11*"}}})));
  CHECK(integer_at(few, "count") == 111);
  CHECK_FALSE(boolean_at(few, "more"));
  const auto entries = entries_of(world);
  CHECK(entries.back().use.outcome == "not_permitted");
  CHECK_FALSE(entries.front().use.is_export);
}

TEST_CASE("export: all rows, with a watermark that names person, purpose and ledger entry") {
  OfficeWorld world;
  world.give_grant(2, "full", false, true);
  fill_with_people(world, kPeople);
  KeepingSink sink;
  const json::object done = must(world.call("query", all_rows(), sink));
  CHECK(integer_at(done, "count") == kPeople);
  CHECK_FALSE(boolean_at(done, "more"));
  CHECK(sink.kept.size() == kPeople);
  const json::object& mark = object_at(sink.heads.at(0), "export");
  const auto entries = entries_of(world);
  REQUIRE(entries.size() == 2);
  const LedgerEntry& begun = entries[1];
  CHECK(integer_at(mark, "entry") == begun.sequence);
  CHECK(begun.use.outcome == "started");
  CHECK(begun.use.is_export);
  CHECK(entries[0].use.began == begun.sequence);
  CHECK(entries[0].use.count == kPeople);
  CHECK(entries[0].use.outcome == "done");
  for (const char* language : {"en", "zh"}) {
    const std::string line = text_at(object_at(mark, "line"), language);
    CAPTURE(line);
    CHECK(line.find(own_peer().user) != std::string::npos);
    CHECK(line.find("嘉兴") != std::string::npos);
    CHECK(line.find("verification") != std::string::npos);
    CHECK(line.find(std::to_string(begun.sequence)) != std::string::npos);
  }
}

TEST_CASE("export: so many a day of one dataset and person") {
  OfficeWorld world;
  world.give_grant(2, "full", false, true);
  fill_with_people(world, kPeople);
  must(world.call("query", all_rows()));
  {
    Office office = world.open();
    Ledger ledger = must(Ledger::open(office.home(), office.keys()));
    Use use = must(ledger.list(0)).back().use;
    REQUIRE(use.is_export);
    for (std::int64_t i = 1; i < limits::kExportsPerDay; ++i) must(ledger.append(use));
  }
  KeepingSink sink;
  const auto refused = world.call("query", all_rows(), sink);
  CHECK(code_of(refused) == ErrorCode::kNotPermitted);
  CHECK(refused.error().message.find("limit") != std::string::npos);
  CHECK(sink.heads.empty());
  CHECK(world.call("query", roster_query()).has_value());
  world.clock.set_wall(world.clock.wall() + std::chrono::days(1));
  CHECK(world.call("query", all_rows()).has_value());
}
