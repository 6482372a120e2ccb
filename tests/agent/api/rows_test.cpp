// Rows over HTTP: filters, order, pages, counts, forms, provenance.
#include "tests/agent/api/api_world.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

constexpr const char* kRows = "/api/v1/datasets/roster/rows?purpose=verification";

std::string ids(const json::object& answer) {
  std::string out;
  for (const json::value& row : array_at(answer, "rows")) {
    out += (out.empty() ? "" : " ") + text_at(row.get_object(), "id");
  }
  return out;
}

}  // namespace

TEST_CASE("rows: JSON with provenance, columns and rows by name") {
  ApiWorld world;
  const HttpAnswer answer = world.local_get(kRows);
  REQUIRE(answer.status == 200);
  CHECK(answer.field("content-type") == "application/json");
  CHECK(answer.field("cache-control") == "no-store");
  const json::object all = answer.object();
  CHECK(ids(all) == "a1 b2 c,3");
  CHECK_FALSE(boolean_at(all, "limited"));
  CHECK(all.at("next").is_null());
  const json::object& provenance = object_at(all, "provenance");
  CHECK(text_at(object_at(provenance, "provider"), "name", Language::kChinese) == "民政部门");
  CHECK(text_at(provenance, "purpose") == "verification");
  const json::object& first = array_at(all, "rows")[0].get_object();
  CHECK(first.at("members").get_int64() == 3);
  CHECK(first.at("rural").get_bool());
  CHECK(text_at(first, "area") == "4.50");
  CHECK_FALSE(first.contains("secret"));
}

TEST_CASE("rows: filters in PostgREST's manner, select, and order") {
  ApiWorld world;
  const auto found = [&](const std::string& more) {
    return ids(world.local_get(std::string(kRows) + more).object());
  };
  CHECK(found("&name=like.%E7%8E%8B*") == "a1");
  CHECK(found("&village=like.330402*&members=gte.4") == "b2");
  CHECK(found("&where=members=in.(1,3)") == "a1 c,3");
  CHECK(found("&order=members.desc") == "b2 a1 c,3");
  CHECK(found("&order=rural,members") == "c,3 a1 b2");
  const json::object two = world.local_get(std::string(kRows) + "&select=members,id").object();
  REQUIRE(array_at(two, "columns").size() == 2);
  CHECK(text_at(array_at(two, "columns")[0].get_object(), "name") == "members");
}

TEST_CASE("rows: pages follow each other by cursor in every order, each row once") {
  ApiWorld world;
  for (const char* order : {"", "&order=members.desc", "&order=rural.desc,name", "&order=area"}) {
    CAPTURE(order);
    const std::string whole = ids(world.local_get(std::string(kRows) + order).object());
    std::string target = std::string(kRows) + order + "&limit=1", found;
    for (int page = 0; page < 3; ++page) {
      const HttpAnswer answer = world.local_get(target);
      const json::object part = answer.object();
      found += (found.empty() ? "" : " ") + ids(part);
      CHECK(boolean_at(part, "limited") == (page < 2));
      target = text_at(part, "next");
      const std::string link = target.empty() ? "" : "<" + target + ">; rel=\"next\"";
      CHECK(answer.field("link") == link);
    }
    CHECK(target.empty());
    CHECK(found == whole);
  }
}

TEST_CASE("rows: a cursor of another order, or none at all, is refused in words") {
  ApiWorld world;
  const std::string next =
      text_at(world.local_get(std::string(kRows) + "&limit=1&order=name").object(), "next");
  const std::string cursor =
      next.substr(next.find("after=") + 6, next.find('&') - next.find("after=") - 6);
  for (const std::string& after : {cursor, std::string("xyz"), std::string("00")}) {
    const HttpAnswer answer = world.local_get(std::string(kRows) + "&limit=1&after=" + after);
    CHECK(answer.status == 400);
    CHECK(text_at(answer.object(), "field") == "after");
  }
}

TEST_CASE("rows: an exact count on request, of all rows and not of the page") {
  ApiWorld world;
  const HttpAnswer counted = world.local({.target = std::string(kRows) + "&limit=1&members=gte.2",
                                          .fields = {{"Prefer", "count=exact"}}});
  CHECK(counted.object().at("total").get_int64() == 2);
  const HttpAnswer whole = world.local(
      {.target = std::string(kRows) + "&limit=1", .fields = {{"Prefer", "count=exact"}}});
  CHECK(whole.object().at("total").get_int64() == 3);
  CHECK_FALSE(world.local_get(kRows).object().contains("total"));
}

TEST_CASE("rows: CSV by ending and by Accept, all rows unless a limit is set, which it says") {
  ApiWorld world;
  const std::string path = "/api/v1/datasets/roster/rows";
  const HttpAnswer all = world.local_get(path + ".csv?purpose=verification&select=id,name");
  CHECK(all.status == 200);
  CHECK(all.field("content-type").starts_with("text/csv"));
  CHECK(all.field("rootlet-limited") == "false");
  CHECK(all.field("rootlet-provenance").find("verification") != std::string::npos);
  CHECK(all.body == "id,name\na1,\"王小明\"\nb2,\"Li \"\"Q\"\", 丽\"\n\"c,3\",\"张三\"\n");
  const HttpAnswer cut =
      world.local({.target = path + "?purpose=verification&select=id&limit=2&order=id",
                   .fields = {{"Accept", "text/csv"}, {"Prefer", "count=exact"}}});
  CHECK(cut.field("rootlet-limited") == "true");
  CHECK(cut.field("rootlet-total") == "3");
  CHECK(cut.field("link").find("rows.csv?after=") != std::string::npos);
  CHECK(cut.body == "id\na1\nb2\n");
}

TEST_CASE("rows: the provenance in the first columns of CSV and JSON Lines, if asked for") {
  ApiWorld world;
  const std::string path = "/api/v1/datasets/roster/rows";
  const HttpAnswer csv =
      world.local({.target = path + ".csv?purpose=verification&select=id&provenance=columns",
                   .fields = {{"Accept-Language", "zh-CN"}}});
  CHECK(csv.body.starts_with("_provider,_version,_as_of,_lease_until,_stale,_purpose,id\n"));
  CHECK(csv.body.find("\n\"民政部门\",1,") != std::string::npos);
  const HttpAnswer lines =
      world.local_get(path + ".ndjson?purpose=verification&select=id&provenance=columns");
  const json::object first =
      must(parse_json(lines.body.substr(0, lines.body.find('\n')), "line")).as_object();
  CHECK(text_at(first, "_provider") == "Civil affairs");
  CHECK(text_at(first, "id") == "a1");
}

TEST_CASE("row: by its key, also one with a comma; a missing one is 404") {
  ApiWorld world;
  const std::string path = "/api/v1/datasets/roster/rows/";
  const json::object one = world.local_get(path + "a1?purpose=verification").object();
  CHECK(text_at(object_at(one, "row"), "name") == "王小明");
  CHECK(text_at(object_at(one, "provenance"), "dataset") == "roster");
  CHECK(world.local_get(path + "%22c,3%22?purpose=verification").status == 200);
  CHECK(world.local_get(path + "zz?purpose=verification").status == 404);
}

TEST_CASE("purpose: it must be named, and a refused one is in the ledger") {
  ApiWorld world;
  const HttpAnswer none = world.local_get("/api/v1/datasets/roster/rows");
  CHECK(none.status == 400);
  CHECK(text_at(none.object(), "field") == "purpose");
  const HttpAnswer other =
      world.local({.target = "/api/v1/datasets/roster/rows.csv?purpose=marketing",
                   .fields = {{"Accept-Language", "zh"}}});
  CHECK(other.status == 403);
  CHECK(other.field("content-type") == "application/problem+json");
  CHECK(text_at(other.object(), "title") == "没有权限");
  CHECK(text_at(other.object(), "code") == "not_permitted");
  CHECK(has(ledger_after(world), "query not_permitted"));
}

TEST_CASE("search: results by dataset, each with its provenance") {
  ApiWorld world;
  const json::object found =
      world.local_get("/api/v1/search?q=%E7%8E%8B&purpose=verification").object();
  REQUIRE(array_at(found, "results").size() == 1);
  const json::object& result = array_at(found, "results")[0].get_object();
  CHECK(text_at(object_at(result, "provenance"), "dataset") == "roster");
  CHECK(ids(result) == "a1");
  CHECK_FALSE(boolean_at(found, "limited"));
}

TEST_CASE("search: says what matched, and finds readings that sound alike if asked") {
  ApiWorld world;
  const std::string target = "/api/v1/search?purpose=verification&q=";
  const json::object found = world.local_get(target + "%E7%8E%8B&matches=true").object();
  REQUIRE(array_at(found, "results").size() == 1);
  const json::object& result = array_at(found, "results")[0].get_object();
  const json::object& row = array_at(result, "rows")[0].get_object();
  REQUIRE(array_at(row, "~matches").size() == 1);
  const json::object& match = array_at(row, "~matches")[0].get_object();
  CHECK(text_at(match, "column") == "name");
  CHECK(integer_at(match, "begin") == 0);
  CHECK(integer_at(match, "end") == 1);
  CHECK_FALSE(boolean_at(match, "pinyin"));
  const auto rows_found = [&](const std::string& typed) {
    const json::object answer = world.local_get(target + typed).object();
    return array_at(array_at(answer, "results").at(0).get_object(), "rows").size();
  };
  CHECK(rows_found("ni") == 0);
  CHECK(rows_found("ni&alike=true") == 1);
}

TEST_CASE("search: what matched, if it is asked for") {
  ApiWorld world;
  const std::string path = "/api/v1/search?q=wxm&purpose=verification";
  const auto first_row = [&](const std::string& target) {
    const json::object found = world.local_get(target).object();
    return array_at(array_at(found, "results")[0].get_object(), "rows")[0].get_object();
  };
  CHECK_FALSE(first_row(path).contains("~matches"));
  const json::object row = first_row(path + "&matches=true");
  const json::object& match = array_at(row, "~matches")[0].get_object();
  CHECK(text_at(match, "column") == "name");
  CHECK(integer_at(match, "begin") == 0);
  CHECK(integer_at(match, "end") == 3);
  CHECK(boolean_at(match, "pinyin"));
}
