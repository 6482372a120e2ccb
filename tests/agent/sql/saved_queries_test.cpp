// Saved queries: kept for the user who saved them, and for nobody else.
#include "agent/sql/saved_queries.hpp"

#include "core/local_limits.hpp"
#include "tests/agent/sql/sql_world.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

TEST_CASE("saved queries: saved, replaced, listed and forgotten, each user apart") {
  OfficeWorld world;
  Office office = world.open();
  KeyStore& keys = office.keys();
  must(
      save_query(keys, "wang", {.name = "各村户数", .sql = "SELECT 1", .purpose = "verification"}));
  must(save_query(keys, "wang", {.name = "b", .sql = "SELECT 2", .purpose = "verification"}));
  must(save_query(keys, "wang", {.name = "b", .sql = "SELECT 3", .purpose = "other"}));
  must(save_query(keys, "wang/b", {.name = "b", .sql = "SELECT 4", .purpose = "other"}));
  const std::vector<SavedQuery> saved = must(saved_queries(keys, "wang"));
  REQUIRE(saved.size() == 2);
  CHECK(saved[0].name == "b");
  CHECK(saved[0].sql == "SELECT 3");
  CHECK(must(saved_query(keys, "wang/b", "b")).sql == "SELECT 4");
  CHECK(code_of(saved_query(keys, "li", "b")) == ErrorCode::kBadInput);
  must(forget_query(keys, "wang", "b"));
  CHECK(must(saved_queries(keys, "wang")).size() == 1);
  CHECK(code_of(forget_query(keys, "wang", "b")) == ErrorCode::kBadInput);
}

TEST_CASE("saved queries: names, lengths and numbers have limits; a near name is suggested") {
  OfficeWorld world;
  Office office = world.open();
  KeyStore& keys = office.keys();
  const auto save = [&](const std::string& name, const std::string& sql) {
    return save_query(keys, "wang", {.name = name, .sql = sql, .purpose = "p"});
  };
  for (const std::string& name : {std::string(), std::string("a/b"), std::string("a\nb"),
                                  std::string(65, 'x'), std::string("\xff")}) {
    CHECK(code_of(save(name, "SELECT 1")) == ErrorCode::kBadInput);
  }
  CHECK(code_of(save("long", std::string(limits::kSqlBytes + 1, 'x'))) == ErrorCode::kBadInput);
  for (std::size_t i = 0; i < limits::kSavedQueries; ++i) {
    must(save("query" + std::to_string(i), "SELECT 1"));
  }
  CHECK(code_of(save("one-more", "SELECT 1")) == ErrorCode::kBadInput);
  must(save("query7", "SELECT 7"));
  const Result<SavedQuery> near = saved_query(keys, "wang", "quary7");
  REQUIRE(near.has_error());
  CHECK(near.error().hint.en.find("query7") != std::string::npos);
}

TEST_CASE("saved queries: over the service, with the purpose that was saved") {
  SqlWorld sql;
  must(sql.world.call("sql-save",
                      {{"name", "n"}, {"sql", "SELECT 1"}, {"purpose", "verification"}}));
  const json::object answer = must(sql.world.call("sql-saved", {}));
  CHECK(text_at(array_at(answer, "queries").at(0).as_object(), "purpose") == "verification");
  CHECK(sql.world.call("sql-forget", {{"name", "n"}}).has_value());
  CHECK(array_at(must(sql.world.call("sql-saved", {})), "queries").empty());
}
