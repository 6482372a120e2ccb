// What the API says of the agent and its catalogue, and what it tells while a page is open.
#include <future>
#include <thread>

#include "agent/api/routes/places.hpp"
#include "tests/agent/api/api_world.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

json::object column_named(const json::object& dataset, std::string_view name) {
  for (const json::value& one : array_at(dataset, "columns")) {
    if (text_at(one.get_object(), "name") == name) return one.get_object();
  }
  return {};
}

HttpAnswer post(const ApiWorld& world, const std::string& target, const std::string& body) {
  return world.local({.method = "POST", .target = target, .body = body});
}

}  // namespace

TEST_CASE("catalogue: a dataset says what is granted, what rows show, and what lies here") {
  ApiWorld world;
  const json::object roster = world.local_get("/api/v1/datasets/roster").object();
  CHECK(roster.at("why").is_null());
  CHECK(boolean_at(roster, "granted"));
  CHECK(text_at(column_named(roster, "name"), "shown") == "value");
  CHECK(text_at(column_named(roster, "phone"), "shown") == "masked");
  CHECK(text_at(column_named(roster, "phone"), "mask") == "phone");
  CHECK_FALSE(boolean_at(column_named(roster, "phone"), "reveal"));  // above the grade
  CHECK_FALSE(boolean_at(column_named(roster, "secret"), "readable"));
  CHECK(integer_at(object_at(roster, "held"), "rows") == 3);
  CHECK(object_at(roster, "held").contains("stale"));
  const json::object row =
      world.local_get("/api/v1/datasets/roster/rows/a1?purpose=verification").object();
  CHECK(array_at(object_at(row, "held_because"), "purposes")[0].as_string() == "verification");
  CHECK_FALSE(text_at(object_at(row, "held_because"), "until").empty());
}

TEST_CASE("catalogue: why it cannot be read is said in words") {
  ApiWorld world;
  world.give_grant(2, "full", true);
  const json::object suspended = world.local_get("/api/v1/datasets/roster").object();
  CHECK(text_at(suspended, "why", Language::kChinese).find("暂停") != std::string::npos);
  world.give_grant(2, "verify");
  CHECK(text_at(world.local_get("/api/v1/datasets/roster").object(), "why").find("no rows") !=
        std::string::npos);
  {
    Office office = world.open();
    GrantFile none;
    none.office = "jiaxing";
    none.version = 100;
    none.issued = world.clock.wall();
    must(office.save_grants(none));
  }
  const json::object missing = world.local_get("/api/v1/datasets/roster").object();
  CHECK_FALSE(boolean_at(missing, "granted"));
  CHECK(missing.at("held").is_null());
  CHECK(text_at(missing, "why").find("no grant yet") != std::string::npos);
}

TEST_CASE("ledger: whether it is whole, over HTTP; a clerk may not ask") {
  ApiWorld world;
  const HttpAnswer checked = post(world, "/api/v1/ledger/verify", "");
  REQUIRE(checked.status == 200);
  CHECK(boolean_at(checked.object(), "intact"));
  Service service(world.context, world.scheduler, [] { return false; });
  KeepingSink sink;
  const Peer clerk{.uid = 4242, .user = "clerk", .roles = Role::kClerk};
  const Peer auditor{.uid = 4242, .user = "auditor", .roles = Role::kAuditor};
  const auto ask = [&](const char* command, const Peer& peer) {
    return code_of(service.handle({{"command", command}, {"args", json::object()}}, peer, sink));
  };
  CHECK(ask("ledger-verify", clerk) == ErrorCode::kNoAccess);
  for (const char* command :
       {"draft-list", "facets", "outbox-receipt", "view-show", "watch-list", "sql-saved"}) {
    CAPTURE(command);
    CHECK(ask(command, auditor) == ErrorCode::kNoAccess);
  }
}

TEST_CASE("sql: what is wrong with a request is named as the request names it") {
  ApiWorld world;
  const auto field_of = [&](const std::string& body) {
    const HttpAnswer answer = post(world, "/api/v1/sql", body);
    CHECK(answer.status == 400);
    return text_at(answer.object(), "field");
  };
  CHECK(field_of(R"({"statement":"SELECT 1"})") == "purpose");
  CHECK(field_of(R"({"statement":"SELECT 1","purpose":"verification","format":"pdf"})") ==
        "format");
  CHECK(field_of(R"({"statement":"SELECT 1","purpose":"verification","parameters":[1]})") ==
        "parameters");
  CHECK(post(world, "/api/v1/sql", "[]").status == 400);
  CHECK(world.local_get("/api/v1/sql/tables").status == 400);
  CHECK(world.local_get("/api/v1/sql/tables?purpose=scoring").status == 403);
  const json::object tables = world.local_get("/api/v1/sql/tables?purpose=verification").object();
  CHECK(text_at(array_at(tables, "tables")[0].get_object(), "table") == "roster");
}

TEST_CASE("sql: saved queries are kept, listed and forgotten; bad names are refused") {
  ApiWorld world;
  const std::string body = R"({"name":"各村户数","statement":"SELECT 1","purpose":"verification"})";
  const HttpAnswer saved = post(world, "/api/v1/sql/saved", body);
  REQUIRE(saved.status == 201);
  CHECK(text_at(saved.object(), "statement") == "SELECT 1");
  CHECK(
      post(world, "/api/v1/sql/saved", R"({"name":"a/b","statement":"x","purpose":"y"})").status ==
      400);
  const json::object list = world.local_get("/api/v1/sql/saved").object();
  REQUIRE(array_at(list, "queries").size() == 1);
  CHECK(text_at(array_at(list, "queries")[0].get_object(), "statement") == "SELECT 1");
  const std::string target = "/api/v1/sql/saved/%E5%90%84%E6%9D%91%E6%88%B7%E6%95%B0";
  CHECK(world.local({.method = "DELETE", .target = target}).status == 200);
  CHECK(world.local({.method = "DELETE", .target = target}).status == 404);
}

TEST_CASE("events: changes reach the page while the session lasts, and so does its end") {
  ApiWorld world;
  const std::string cookie = world.sign_in();
  std::future<std::string> heard = std::async(std::launch::async, [&] {
    const Question question{.target = "/api/v1/events", .fields = {{"Cookie", cookie}}};
    return RawClient(world.port()).ask(question.text(world.host()));
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  must(world.call("draft-save", {{"form", "visit"}, {"values", json::object()}}));
  std::this_thread::sleep_for(std::chrono::milliseconds(2000));
  const std::string csrf = text_at(
      world.ask({.target = "/api/v1/session", .fields = {{"Cookie", cookie}}}).object(), "csrf");
  world.ask({.method = "DELETE",
             .target = "/api/v1/session",
             .fields = {{"Cookie", cookie}, {"X-CSRF-Token", csrf}}});
  const HttpAnswer answer = parse_answer(heard.get());
  CHECK(answer.field("content-type") == "text/event-stream");
  CHECK(answer.body.find("event: status\ndata: {\"last_sync\":null,\"sync\":null}\n\n") !=
        std::string::npos);
  CHECK(answer.body.find("event: watches\ndata: {\"news\":0}\n\n") != std::string::npos);
  CHECK(answer.body.find("event: outbox\ndata: {\"draft\":0") != std::string::npos);
  CHECK(answer.body.find("event: outbox\ndata: {\"draft\":1") != std::string::npos);
  CHECK(answer.body.ends_with("event: end\ndata: {}\n\n"));
}

TEST_CASE("events: their places are bounded and given back") {
  Places places(2);
  {
    const Places::Taken one(places), two(places), three(places);
    CHECK(one.is_granted());
    CHECK(two.is_granted());
    CHECK_FALSE(three.is_granted());
  }
  CHECK(Places::Taken(places).is_granted());
}

TEST_CASE("rows: a workbook by its ending, with the source of its rows") {
  ApiWorld world;
  const HttpAnswer book = world.local_get("/api/v1/datasets/roster/rows.xlsx?purpose=verification");
  REQUIRE(book.status == 200);
  CHECK(book.body.starts_with("PK"));
  CHECK(book.field("content-disposition") == "attachment; filename=\"roster.xlsx\"");
  CHECK(book.field("rootlet-limited") == "false");
  CHECK_FALSE(book.field("rootlet-provenance").empty());
  CHECK(world.local_get("/api/v1/datasets/roster/rows.xlsx").status == 400);  // no purpose
  CHECK(world.local_get("/api/v1/outbox.xlsx").status == 404);
}
