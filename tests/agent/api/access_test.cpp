// Who may ask the API: tickets, sessions, other origins, rebinding host names, tokens. Each refusal
// is in words and in the ledger.
#include "tests/agent/api/api_world.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

HttpAnswer as_browser(ApiWorld& world, const std::string& cookie, Question question) {
  question.fields.emplace_back("Cookie", cookie);
  return world.ask(question);
}

}  // namespace

TEST_CASE("access: over TCP nobody reads without a session; the words say how to sign in") {
  ApiWorld world;
  for (const char* target : {"/api/v1/status", "/api/v1/datasets", "/api/v1/ledger",
                             "/api/v1/datasets/roster/rows?purpose=verification"}) {
    const HttpAnswer answer = world.get(target);
    CHECK(answer.status == 401);
    CHECK(text_at(answer.object(), "detail").find("rootlet console") != std::string::npos);
  }
  CHECK(has(ledger_after(world), "refused-session no_access"));
}

TEST_CASE(
    "access: a ticket opens a session with the user's roles; its cookie is closed to scripts") {
  ApiWorld world;
  const HttpAnswer entered = world.get(world.ticket_target());
  CHECK(entered.status == 303);
  CHECK(entered.field("location") == "/console/");
  const std::string cookie = entered.field("set-cookie");
  CHECK(cookie.find("; HttpOnly; SameSite=Strict; Path=/") != std::string::npos);
  const HttpAnswer answer =
      as_browser(world, cookie.substr(0, cookie.find(';')), {.target = "/api/v1/session"});
  REQUIRE(answer.status == 200);
  const json::object session = answer.object();
  CHECK(text_at(session, "user") == own_peer().user);
  CHECK(text_at(session, "via") == "ticket");
  CHECK(array_at(session, "roles").size() == 3);
  CHECK(has(ledger_after(world), "console-enter done"));
}

TEST_CASE("access: a used, a late and an invented ticket open nothing") {
  ApiWorld world;
  const std::string used = world.ticket_target();
  CHECK(world.get(used).status == 303);
  CHECK(world.get(used).status == 403);
  const std::string late = world.ticket_target();
  world.clock.pass(std::chrono::seconds(61));
  const HttpAnswer refused = world.ask({.target = late, .fields = {{"Accept-Language", "zh"}}});
  CHECK(refused.status == 403);
  CHECK(refused.field("set-cookie").empty());
  CHECK(refused.body.find("请重新运行 rootlet console") != std::string::npos);
  CHECK(world.get("/console/enter?ticket=00").status == 403);
  CHECK(has(ledger_after(world), "refused-ticket no_access"));
}

TEST_CASE("access: a session ends when it is idle, and when the browser leaves") {
  ApiWorld world;
  const std::string cookie = world.sign_in();
  CHECK(as_browser(world, cookie, {.target = "/api/v1/status"}).status == 200);
  world.clock.pass(std::chrono::minutes(16));
  CHECK(as_browser(world, cookie, {.target = "/api/v1/status"}).status == 401);
  const std::string again = world.sign_in();
  const json::object session = as_browser(world, again, {.target = "/api/v1/session"}).object();
  const HttpAnswer left = as_browser(world, again,
                                     {.method = "DELETE",
                                      .target = "/api/v1/session",
                                      .fields = {{"X-CSRF-Token", text_at(session, "csrf")}}});
  CHECK(left.status == 204);
  CHECK(as_browser(world, again, {.target = "/api/v1/status"}).status == 401);
}

TEST_CASE("access: a rebinding host name and a page of another origin are refused") {
  ApiWorld world;
  const std::string cookie = world.sign_in();
  const HttpAnswer rebound =
      as_browser(world, cookie,
                 {.target = "/api/v1/status",
                  .fields = {{"Host", "evil.example:" + std::to_string(world.port())}}});
  CHECK(rebound.status == 403);
  CHECK(text_at(rebound.object(), "field") == "host");
  const HttpAnswer foreign = as_browser(
      world, cookie, {.target = "/api/v1/status", .fields = {{"Origin", "http://evil.example"}}});
  CHECK(foreign.status == 403);
  CHECK(text_at(foreign.object(), "field") == "origin");
  CHECK(foreign.field("access-control-allow-origin").empty());
  const HttpAnswer image = as_browser(
      world, cookie, {.target = "/api/v1/status", .fields = {{"Sec-Fetch-Site", "same-site"}}});
  CHECK(image.status == 403);
  const std::vector<std::string> ledger = ledger_after(world);
  CHECK(has(ledger, "refused-host no_access"));
  CHECK(has(ledger, "refused-origin no_access"));
}

TEST_CASE("access: a change needs the session's token, and changes nothing without it") {
  ApiWorld world;
  const std::string cookie = world.sign_in();
  const Question submit{.method = "POST",
                        .target = "/api/v1/records",
                        .body = R"({"form":"visit","values":{"name":"王小明","members":3}})"};
  const HttpAnswer refused = as_browser(world, cookie, submit);
  CHECK(refused.status == 403);
  CHECK(text_at(refused.object(), "field") == "csrf");
  Question with_token = submit;
  const json::object session = as_browser(world, cookie, {.target = "/api/v1/session"}).object();
  with_token.fields = {{"X-CSRF-Token", text_at(session, "csrf")},
                       {"Origin", "http://" + world.host()}};
  CHECK(as_browser(world, cookie, with_token).status == 201);
  const json::object outbox = as_browser(world, cookie, {.target = "/api/v1/outbox"}).object();
  CHECK(array_at(outbox, "records").size() == 1);
  CHECK(has(ledger_after(world), "refused-csrf no_access"));
}

TEST_CASE("access: every answer forbids frames, foreign scripts and guessing its type") {
  ApiWorld world;
  const std::string cookie = world.sign_in();
  for (const HttpAnswer& answer :
       {world.get("/console"), world.get("/api/v1/status"), world.get("/nowhere"),
        as_browser(world, cookie,
                   {.target = "/api/v1/datasets/roster/rows.csv?purpose=verification"})}) {
    const std::string policy = answer.field("content-security-policy");
    CHECK(policy.find("default-src 'none'") != std::string::npos);
    CHECK(policy.find("frame-ancestors 'none'") != std::string::npos);
    CHECK(policy.find("unsafe") == std::string::npos);
    CHECK(answer.field("x-content-type-options") == "nosniff");
    CHECK(answer.field("referrer-policy") == "same-origin");
  }
}

TEST_CASE("access: the console's page is honest in both languages and has no script") {
  ApiWorld world;
  const HttpAnswer en = world.get("/console");
  CHECK(en.status == 200);
  CHECK(en.body.find("rootlet console") != std::string::npos);
  CHECK(en.body.find("<script") == std::string::npos);
  const HttpAnswer zh = world.ask({.target = "/console", .fields = {{"Accept-Language", "zh-CN"}}});
  CHECK(zh.body.find("lang=\"zh-CN\"") != std::string::npos);
}

TEST_CASE("access: figures for Prometheus without a session, and without a name of anybody") {
  ApiWorld world;
  const HttpAnswer answer = world.get("/metrics");
  REQUIRE(answer.status == 200);
  CHECK(answer.field("content-type").starts_with("text/plain; version=0.0.4"));
  CHECK(answer.body.find("rootlet_dataset_rows{dataset=\"roster\"} 3\n") != std::string::npos);
  CHECK(answer.body.find("# TYPE rootlet_api_requests_total counter\n") != std::string::npos);
  CHECK(answer.body.find("王小明") == std::string::npos);
}

TEST_CASE("access: the wrong method and an unknown address are problems in words") {
  ApiWorld world;
  const HttpAnswer wrong = world.local({.method = "POST", .target = "/api/v1/status"});
  CHECK(wrong.status == 405);
  CHECK(wrong.field("allow") == "GET");
  CHECK(world.local_get("/api/v1/nothing").status == 404);
}

TEST_CASE("network: without console_listen no browser can be paired; the words name the setting") {
  ApiWorld world;
  const auto refused =
      world.command("console-pair", {{"name", "li"}, {"role", "clerk"}, {"days", 30}});
  REQUIRE(refused.has_error());
  CHECK(refused.error().field == "console_listen");
}

TEST_CASE("roles: pairing needs an operator, a ticket any role; refusals are in the ledger") {
  ApiWorld world;
  const Peer clerk{.uid = 4242, .user = "clerk", .roles = Role::kClerk};
  const Peer nobody{.uid = 4243, .user = "nobody"};
  const auto as = [&](const Peer& peer, const char* command) {
    return world.server->handle({{"command", command}, {"args", json::object()}}, peer);
  };
  CHECK(as(clerk, "console-ticket").has_value());
  CHECK(code_of(as(clerk, "console-list")) == ErrorCode::kNoAccess);
  CHECK(code_of(as(nobody, "console-ticket")) == ErrorCode::kNoAccess);
  CHECK(has(ledger_after(world), "refused-user no_access"));
}
