// Facets of more rows than are counted: bounded in rows and in time, and honest about it.
#include <chrono>
#include <cstdlib>

#include "core/local_limits.hpp"
#include "tests/agent/reading/full_roster.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

// ROOTLET_LONG: the size of a province's largest table.
int rows_of_test() {
  return std::getenv("ROOTLET_LONG") != nullptr ? 1'000'000 : 60'000;
}

json::object facets(OfficeWorld& world, json::array where, json::array columns) {
  const auto began = std::chrono::steady_clock::now();
  json::object out = must(world.call("facets", {{"dataset", "roster"},
                                                {"purpose", "verification"},
                                                {"where", std::move(where)},
                                                {"columns", std::move(columns)}}));
  const auto took = std::chrono::steady_clock::now() - began;
  MESSAGE("facets: ", std::chrono::duration_cast<std::chrono::milliseconds>(took).count(), " ms");
  return out;
}

}  // namespace

TEST_CASE("facets: of many rows the first are counted, and the answer says so") {
  OfficeWorld world;
  fill_with_people(world, rows_of_test());
  const json::object all = facets(world, {}, {});
  const std::int64_t counted = integer_at(all, "matches");
  CHECK_FALSE(boolean_at(all, "exact"));
  CHECK(counted <= static_cast<std::int64_t>(limits::kFacetRows));
  // One name, and columns without a value; ids are too many.
  const json::object& name = array_at(all, "facets")[0].get_object();
  CHECK(text_at(name, "column") == "name");
  CHECK(integer_at(array_at(name, "values")[0].get_object(), "count") == counted);
  CHECK(integer_at(name, "others") == 0);
  // A condition that an index does not help: looked at for a bounded time.
  const json::object none = facets(world, {"name=eq.nobody"}, {});
  CHECK(integer_at(none, "matches") == 0);
}

TEST_CASE("facets: a mask hides a column, although the grade allows its values") {
  OfficeWorld world;
  world.give_grant(3, "full");
  fill_with_people(world, 100);
  const Result<json::object> masked = world.call("facets", {{"dataset", "roster"},
                                                            {"purpose", "verification"},
                                                            {"where", json::array()},
                                                            {"columns", json::array{"phone"}}});
  CHECK(code_of(masked) == ErrorCode::kBadInput);
  const json::object all = facets(world, {}, {"name"});
  CHECK(integer_at(all, "matches") == 100);
  CHECK(boolean_at(all, "exact"));
}
