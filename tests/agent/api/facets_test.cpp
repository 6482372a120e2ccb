// Facets and watches over HTTP.
#include "tests/agent/api/api_world.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

constexpr const char* kFacets = "/api/v1/datasets/roster/facets?purpose=verification";

HttpAnswer facets(const ApiWorld& world, const std::string& more = "") {
  return world.local_get(std::string(kFacets) + more);
}

std::string text_of(const json::object& facet) {
  std::string out = text_at(facet, "column") + ":";
  for (const json::value& one : array_at(facet, "values")) {
    out += " " + json::serialize(one.get_object().at("value")) + "=" +
           text_at(one.get_object(), "count");
  }
  return out;
}

std::string text_of(const HttpAnswer& answer) {
  const json::object all = answer.object();
  std::string out;
  for (const json::value& one : array_at(all, "facets")) {
    out += (out.empty() ? "" : "; ") + text_of(one.get_object());
  }
  return out;
}

}  // namespace

TEST_CASE("facets: values with their counts, of columns that group rows, with provenance") {
  ApiWorld world;
  const HttpAnswer answer = facets(world);
  REQUIRE(answer.status == 200);
  const json::object all = answer.object();
  CHECK(integer_at(all, "matches") == 3);
  CHECK(boolean_at(all, "exact"));
  // Every other column tells each row from the others.
  CHECK(text_of(answer) == "rural: true=3");
  CHECK(text_at(object_at(all, "provenance"), "dataset") == "roster");
  CHECK(text_of(facets(world, "&columns=village,area")) ==
        "village: \"330402001001\"=1 \"330402001002\"=1 \"330411001001\"=1; "
        "area: \"1.50\"=1 \"4.50\"=1 \"7.50\"=1");
  CHECK(text_of(facets(world, "&members=gte.3&columns=members")) == "members: 3=1 5=1");
  CHECK(integer_at(facets(world, "&name=eq.nobody").object(), "matches") == 0);
}

TEST_CASE("facets: none of keys and masked columns, and none without the right") {
  ApiWorld world;
  for (const char* column : {"id", "phone", "secret", "nosuch"}) {
    CAPTURE(column);
    const HttpAnswer answer = facets(world, std::string("&columns=") + column);
    CHECK((answer.status == 400 || answer.status == 403));
  }
  CHECK(world.local_get("/api/v1/datasets/roster/facets").status == 400);  // no purpose
  CHECK(world.local_get("/api/v1/datasets/roster/facets?purpose=scoring").status == 403);
  CHECK(world.local_get("/api/v1/datasets/none/facets?purpose=verification").status == 403);
  CHECK(facets(world).status == 200);
  const std::vector<std::string> ledger = ledger_after(world);
  CHECK(has(ledger, "facets not_permitted"));
  CHECK(has(ledger, "facets done"));
}

TEST_CASE("watches: made, listed, shown, seen and ended over HTTP") {
  ApiWorld world;
  const std::string body =
      R"({"name":"large","dataset":"roster","purpose":"verification","where":["members=gte.3"]})";
  const auto make = [&](const std::string& text) {
    return world.local({.method = "POST", .target = "/api/v1/watches", .body = text});
  };
  REQUIRE(make(body).status == 201);
  CHECK(make(body).status == 400);  // the name is taken
  CHECK(make(R"({"name":"x","dataset":"roster","purpose":"scoring","where":[]})").status == 403);
  CHECK(make(R"({"name":"x","dataset":"roster","purpose":"verification","where":["no=eq.1"]})")
            .status == 400);
  const json::object list = world.local_get("/api/v1/watches").object();
  REQUIRE(array_at(list, "watches").size() == 1);
  CHECK(boolean_at(array_at(list, "watches")[0].get_object(), "permitted"));
  CHECK(world.local_get("/api/v1/watches/large").status == 200);
  CHECK(world.local_get("/api/v1/watches/large?limit=0").status == 400);
  CHECK(world.local_get("/api/v1/watches/none").status == 404);
  CHECK(world.local({.method = "POST", .target = "/api/v1/watches/large/seen"}).status == 200);
  CHECK(world.local({.method = "DELETE", .target = "/api/v1/watches/large"}).status == 200);
  CHECK(world.local({.method = "DELETE", .target = "/api/v1/watches/large"}).status == 404);
}
