// Questions that are answered by yes or no: limited as look-ups are, and ledgered without values.
#include "tests/agent/office_world.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

Result<json::object> check(OfficeWorld& world, std::string_view key, std::string_view column,
                           std::string_view value) {
  return world.call("check", {{"dataset", "roster"},
                              {"purpose", "verification"},
                              {"key", key},
                              {"column", column},
                              {"value", value}});
}

}  // namespace

TEST_CASE("check: columns are named by name or title, and those above the grade are not there") {
  OfficeWorld world;
  world.give_grant(2, "verify");
  CHECK(must(check(world, "a1", "name", "王小明")).at("answer").as_bool());
  CHECK(must(check(world, "a1", "姓名", "王小明")).at("answer").as_bool());
  CHECK_FALSE(must(check(world, "b2", "姓名", "王小明")).at("answer").as_bool());
  CHECK(must(check(world, "a1", "area", "4.50")).at("answer").as_bool());
  CHECK(code_of(check(world, "a1", "members", "three")) == ErrorCode::kBadInput);
  CHECK(code_of(check(world, "a1", "secret", "x")) == ErrorCode::kBadInput);
  // The grade gives the mask of a phone, so that is what can be compared.
  CHECK_FALSE(must(check(world, "a1", "phone", "13812341234")).at("answer").as_bool());
}

TEST_CASE("check: one row can be asked about as often as it can be looked up, and no more") {
  OfficeWorld world;
  world.give_grant(2, "verify");
  for (int i = 0; i < 200; ++i) {
    REQUIRE(check(world, "a1", "members", std::to_string(i)).has_value());
  }
  const Result<json::object> over = check(world, "a1", "members", "201");
  REQUIRE(code_of(over) == ErrorCode::kNotPermitted);
  CHECK(over.error().message.find("was looked up 200 times today") != std::string::npos);
  CHECK(check(world, "b2", "members", "5").has_value());
}
