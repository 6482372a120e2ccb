// Drafts, checks and receipts of records, and views, over HTTP: what is kept, what is refused.
#include "core/local_limits.hpp"
#include "tests/agent/api/api_world.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

HttpAnswer post(const ApiWorld& world, const std::string& target, const std::string& body,
                const std::string& language = "en") {
  return world.local({.method = "POST",
                      .target = target,
                      .fields = {{"Accept-Language", language}},
                      .body = body});
}

HttpAnswer remove(const ApiWorld& world, const std::string& target) {
  return world.local({.method = "DELETE", .target = target});
}

std::size_t drafts_of(const ApiWorld& world) {
  return array_at(world.local_get("/api/v1/drafts").object(), "drafts").size();
}

}  // namespace

TEST_CASE("drafts: one with mistakes and gaps is kept, replaced, and becomes the record it was") {
  ApiWorld world;
  const HttpAnswer first =
      post(world, "/api/v1/drafts", R"({"form":"visit","values":{"members":"many","x":1}})");
  REQUIRE(first.status == 201);
  const std::string id = text_at(first.object(), "id");
  CHECK(post(world, "/api/v1/drafts",
             R"({"form":"visit","values":{"name":"王"},"id":")" + id + R"("})")
            .status == 201);
  const json::object list = world.local_get("/api/v1/drafts").object();
  REQUIRE(array_at(list, "drafts").size() == 1);
  const json::object& draft = array_at(list, "drafts")[0].get_object();
  CHECK(text_at(object_at(draft, "values"), "name") == "王");
  CHECK(text_at(draft, "form_title", Language::kChinese) == "走访");
  const json::object listed = world.local_get("/api/v1/outbox?state=draft").object();
  REQUIRE(array_at(listed, "records").size() == 1);
  CHECK(world.scheduler.nudges == 0);  // nothing to send

  // A mistake leaves the draft as it was.
  const std::string bad = R"({"form":"visit","values":{"name":"王"},"id":")" + id + R"("})";
  CHECK(post(world, "/api/v1/records", bad).status == 422);
  CHECK(drafts_of(world) == 1);
  const std::string good =
      R"({"form":"visit","values":{"name":"王","members":3},"id":")" + id + R"("})";
  const HttpAnswer saved = post(world, "/api/v1/records", good);
  REQUIRE(saved.status == 201);
  CHECK(text_at(saved.object(), "id") == id);
  CHECK(drafts_of(world) == 0);
  CHECK(world.scheduler.nudges == 1);
  // The answer was lost, and the page sends it again: still one record.
  CHECK(post(world, "/api/v1/records", good).status == 201);
  CHECK(array_at(world.local_get("/api/v1/outbox").object(), "records").size() == 1);
  // It is no draft any more: neither replaced nor removed.
  CHECK(post(world, "/api/v1/drafts", bad).status == 404);
  CHECK(remove(world, "/api/v1/drafts/" + id).status == 404);
}

TEST_CASE("drafts: removed ones are gone, and strange ids are refused") {
  ApiWorld world;
  const std::string body = R"({"form":"visit","values":{"name":"王"}})";
  const std::string id = text_at(post(world, "/api/v1/drafts", body).object(), "id");
  CHECK(remove(world, "/api/v1/drafts/" + id).status == 200);
  const HttpAnswer again = remove(world, "/api/v1/drafts/" + id);
  CHECK(again.status == 404);
  CHECK(text_at(again.object(), "field") == "id");
  CHECK(remove(world, "/api/v1/drafts/none").status == 404);
  // A record is never made under an id that a caller chose.
  const std::string chosen(32, 'a');
  const HttpAnswer made =
      post(world, "/api/v1/records",
           R"({"form":"visit","values":{"name":"王","members":3},"id":")" + chosen + R"("})", "zh");
  CHECK(made.status == 422);
  CHECK(text_at(made.object(), "field") == "id");
  CHECK(made.body.find("草稿") != std::string::npos);
}

TEST_CASE("drafts: their size and number are bounded, in words") {
  ApiWorld world;
  const std::string large(limits::kDraftBytes + 1, 'x');
  const HttpAnswer refused = post(world, "/api/v1/drafts",
                                  R"({"form":"visit","values":{"name":")" + large + R"("}})", "zh");
  CHECK(refused.status == 400);
  CHECK(text_at(refused.object(), "field") == "values");
  CHECK(refused.body.find("64 KiB") != std::string::npos);
  CHECK(post(world, "/api/v1/drafts", R"({"form":"visit","values":[]})").status == 400);
  CHECK(post(world, "/api/v1/drafts", R"({"form":"none","values":{}})").status == 400);
  for (std::size_t i = 0; i < limits::kDrafts; ++i) {
    must(world.call("draft-save", {{"form", "visit"}, {"values", json::object()}}));
  }
  const HttpAnswer full = post(world, "/api/v1/drafts", R"({"form":"visit","values":{}})");
  CHECK(full.status == 400);
  CHECK(full.body.find("200 drafts") != std::string::npos);
  CHECK(drafts_of(world) == limits::kDrafts);
}

TEST_CASE("check: all mistakes of all records at once, in the caller's language, nothing saved") {
  ApiWorld world;
  const HttpAnswer answer = post(
      world, "/api/v1/records/check",
      R"({"form":"visit","records":[{"name":"王","members":3},{"members":99},{"no":1}]})", "zh");
  REQUIRE(answer.status == 200);
  const json::object checked = answer.object();
  CHECK_FALSE(boolean_at(checked, "valid"));
  const json::array& mistakes = array_at(checked, "mistakes");
  REQUIRE(mistakes.size() == 5);
  const json::object& first = mistakes[0].get_object();
  CHECK(integer_at(first, "record") == 2);
  CHECK(text_at(first, "field") == "name");
  CHECK(text_at(first, "message").starts_with("姓名："));
  CHECK(array_at(world.local_get("/api/v1/outbox").object(), "records").empty());
  const HttpAnswer one = post(world, "/api/v1/records/check",
                              R"({"form":"visit","values":{"name":"王","members":3}})");
  CHECK(boolean_at(one.object(), "valid"));
  std::string many = R"({"form":"visit","records":[{})";
  for (int i = 0; i < 1000; ++i) many += ",{}";
  CHECK(post(world, "/api/v1/records/check", many + "]}").status == 400);
}

TEST_CASE("prefill: what a form does not have is said by its name") {
  ApiWorld world;
  const HttpAnswer none =
      world.local_get("/api/v1/forms/visit/prefill?purpose=verification&name=a1");
  CHECK(none.status == 400);
  CHECK(text_at(none.object(), "field") == "form");
}

TEST_CASE("receipt: a record that the platform has not confirmed has none, in words") {
  ApiWorld world;
  const HttpAnswer saved =
      post(world, "/api/v1/records", R"({"form":"visit","values":{"name":"王","members":3}})");
  const std::string id = text_at(saved.object(), "id");
  const HttpAnswer answer = world.local(
      {.target = "/api/v1/outbox/" + id + "/receipt", .fields = {{"Accept-Language", "zh-CN"}}});
  CHECK(answer.status == 404);
  CHECK(text_at(answer.object(), "field") == "receipt");
  CHECK(answer.body.find("尚无回执") != std::string::npos);
  CHECK(world.local_get("/api/v1/outbox/none/receipt").status == 404);
}

TEST_CASE("views: a page's state comes back to its owner only, and is bounded") {
  ApiWorld world;
  const std::string body = R"({"filters":["name=eq.王小明"],"zoom":1.5,"page":3})";
  const HttpAnswer saved = post(world, "/api/v1/views", body);
  REQUIRE(saved.status == 201);
  const std::string id = text_at(saved.object(), "id");
  CHECK(id.size() == 32);
  const json::object back = world.local_get("/api/v1/views/" + id).object();
  CHECK(json::value(object_at(back, "view")) == must(parse_json(body, "view")));
  CHECK(text_at(post(world, "/api/v1/views", body).object(), "id") == id);  // unchanged
  CHECK(world.local_get("/api/v1/views/none").status == 404);
  CHECK(post(world, "/api/v1/views", "[1]").status == 400);
  const std::string large(limits::kViewBytes, 'x');
  CHECK(post(world, "/api/v1/views", R"({"a":")" + large + R"("})").status == 400);

  Service service(world.context, world.scheduler, [] { return false; });
  KeepingSink sink;
  const auto as = [&](std::int64_t uid, const std::string& user, const std::string& wanted) {
    const Peer peer{.uid = uid, .user = user, .roles = Role::kClerk};
    const json::object request{{"command", "view-show"}, {"args", json::object{{"id", wanted}}}};
    return service.handle(request, peer, sink).has_value();
  };
  CHECK(as(own_peer().uid, own_peer().user, id));
  CHECK_FALSE(as(own_peer().uid + 1, "other", id));
  CHECK_FALSE(as(-1, own_peer().user, id));  // a paired browser's person of the same name
}

TEST_CASE("views: the oldest of a user gives way") {
  ApiWorld world;
  std::string first;
  for (std::size_t i = 0; i <= limits::kViews; ++i) {
    const json::object saved =
        must(world.call("view-save", {{"view", json::object{{"n", static_cast<int>(i)}}}}));
    if (i == 0) first = text_at(saved, "id");
  }
  CHECK(world.local_get("/api/v1/views/" + first).status == 404);
  Office office = world.open();
  CHECK(must(office.keys().fact_names("view/")).size() == limits::kViews);
}
