// Values with a mask: masked on the screen although the grade allows them, shown in full one at a
// time, and never spelled out by filters.
#include "tests/agent/reading/full_roster.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

json::object reveal(const std::string& key, const std::string& column) {
  return {{"dataset", "roster"}, {"purpose", "verification"}, {"key", key}, {"column", column}};
}

std::string phone_in(const KeepingSink& sink) {
  const json::array& columns = array_at(sink.heads.at(0), "columns");
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (text_at(columns[i].get_object(), "name") != "phone") continue;
    return std::string(sink.kept.at(0).get_array().at(i).get_string());
  }
  return "";
}

const json::object& phone_column(const KeepingSink& sink) {
  for (const json::value& column : array_at(sink.heads.at(0), "columns")) {
    if (text_at(column.get_object(), "name") == "phone") return column.get_object();
  }
  FAIL("no column phone");
  std::abort();
}

}  // namespace

TEST_CASE("mask: a value that the grade allows is shown masked, and the head says so") {
  OfficeWorld world;
  world.give_grant(3, "full");
  fill_with_people(world, 3);
  KeepingSink queried, shown;
  must(world.call("query", roster_query(), queried));
  CHECK(phone_in(queried) == "138****0000");
  CHECK(boolean_at(phone_column(queried), "masked"));
  CHECK(boolean_at(phone_column(queried), "reveal"));
  json::object show = roster_query({{"key", "p2"}, {"limit", 0}});
  show.erase("where");
  must(world.call("show", show, shown));
  CHECK(phone_in(shown) == "138****0002");
}

TEST_CASE("mask: revealing shows one value of one row and has an entry of its own") {
  OfficeWorld world;
  world.give_grant(3, "full");
  fill_with_people(world, 3);
  KeepingSink sink;
  CHECK(integer_at(must(world.call("reveal", reveal("p1", "phone"), sink)), "count") == 1);
  CHECK(phone_in(sink) == "13800000001");
  CHECK_FALSE(boolean_at(phone_column(sink), "masked"));
  REQUIRE(sink.kept.size() == 1);
  const auto entries = entries_of(world);
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].use.command == "reveal");
  CHECK(entries[0].use.column == "phone");
  CHECK(entries[0].use.count == 1);
  CHECK(entries[0].use.subject.size() == 32);
  // The next look at the row is masked again.
  KeepingSink again;
  must(world.call("query", roster_query({{"where", json::array{"id=eq.p1"}}}), again));
  CHECK(phone_in(again) == "138****0001");
}

TEST_CASE("mask: what cannot be revealed is refused with a reason") {
  OfficeWorld world;
  world.give_grant(3, "full");
  fill_with_people(world, 1);
  CHECK(code_of(world.call("reveal", reveal("p0", "name"))) == ErrorCode::kBadInput);
  CHECK(code_of(world.call("reveal", reveal("p0", "nosuch"))) == ErrorCode::kBadInput);
  CHECK(code_of(world.call("reveal", reveal("p0", "secret"))) == ErrorCode::kBadInput);
  CHECK(code_of(world.call("reveal", reveal("p0", ""))) == ErrorCode::kBadInput);
  CHECK(code_of(world.call("reveal", reveal("zz", "phone"))) == ErrorCode::kBadInput);
  json::object aimless = reveal("p0", "phone");
  aimless["purpose"] = "marketing";
  CHECK(code_of(world.call("reveal", aimless)) == ErrorCode::kNotPermitted);
  world.give_grant(2, "full");  // the grade covers the mask only
  CHECK(code_of(world.call("reveal", reveal("p0", "phone"))) == ErrorCode::kNotPermitted);
  world.give_grant(3, "masked");
  CHECK(code_of(world.call("reveal", reveal("p0", "phone"))) == ErrorCode::kNotPermitted);
}

TEST_CASE("mask: a masked column is filtered by whole values only") {
  OfficeWorld world;
  world.give_grant(3, "full");
  fill_with_people(world, 20);
  const auto asked = [&](const char* filter) {
    return world.call("query", roster_query({{"where", json::array{json::value(filter)}}}));
  };
  CHECK(integer_at(must(asked("phone=eq.13800000007")), "count") == 1);
  CHECK(integer_at(must(asked("phone=eq.138****0007")), "count") == 0);
  CHECK(integer_at(must(asked("phone=not.is.null")), "count") == 20);
  for (const char* spelling :
       {"phone=like.1380000000*", "phone=gt.13800000003", "phone=in.(13800000001,13800000002)",
        "phone=ilike.*7", "phone=neq.1", "phone=not.like.138*"}) {
    CAPTURE(spelling);
    CHECK(code_of(asked(spelling)) == ErrorCode::kBadInput);
  }
}

TEST_CASE("mask: many values at once are an export, which the grant must allow") {
  OfficeWorld world;
  world.give_grant(3, "full");
  fill_with_people(world, 3);
  const json::object all = roster_query({{"unmasked", true}});
  const auto refused = world.call("query", all);
  CHECK(code_of(refused) == ErrorCode::kNotPermitted);
  CHECK(refused.error().hint.en.find("--export") != std::string::npos);
  CHECK(entries_of(world)[0].use.outcome == "not_permitted");
  world.give_grant(3, "full", false, true);
  KeepingSink sink;
  must(world.call("query", all, sink));
  CHECK(phone_in(sink) == "13800000000");
  CHECK(object_at(sink.heads.at(0), "export").contains("entry"));
}
