// A sheet that a person uploads: read and answered, never saved.
#include "core/local_limits.hpp"
#include "tests/agent/api/api_world.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

Question upload(std::string body, std::string query = "") {
  return {.method = "POST", .target = "/api/v1/sheets" + query, .body = std::move(body)};
}

}  // namespace

TEST_CASE("sheets: a CSV comes back as columns and rows, and nothing is saved") {
  ApiWorld world;
  const HttpAnswer answer =
      world.local(upload("身份证号,姓名\n110101199003078888,王\n\n007,\"\"\"李\"\"\"\n"));
  REQUIRE(answer.status == 200);
  const json::object sheet = answer.object();
  CHECK(json::serialize(array_at(sheet, "columns")) == R"(["身份证号","姓名"])");
  CHECK(json::serialize(array_at(sheet, "rows")) ==
        R"([["110101199003078888","王"],["007","\"李\""]])");
  CHECK(json::serialize(array_at(sheet, "lines")) == "[2,4]");
  CHECK_FALSE(boolean_at(sheet, "truncated"));
  CHECK(text_at(sheet, "sheet").empty());
  CHECK(array_at(world.local_get("/api/v1/outbox").object(), "records").empty());
}

TEST_CASE("sheets: an export of the API goes back in as it came out, without its mark") {
  ApiWorld world;
  world.give_grant(3, "full", false, true);
  const HttpAnswer exported =
      world.local_get("/api/v1/datasets/roster/rows.csv?purpose=verification&unmasked=true");
  REQUIRE(exported.status == 200);
  REQUIRE(exported.body.find("# Exported by ") != std::string::npos);
  const HttpAnswer answer = world.local(upload("\xEF\xBB\xBF" + exported.body));
  REQUIRE(answer.status == 200);
  const json::array rows = array_at(answer.object(), "rows");
  CHECK(rows.size() == 3);
  for (const json::value& row : rows) {
    CHECK(exported.body.find(std::string(row.get_array()[0].get_string())) != std::string::npos);
    CHECK_FALSE(row.get_array()[0].get_string().starts_with("#"));
  }
}

TEST_CASE("sheets: a mistake is answered 422 with its cell, in the caller's language") {
  ApiWorld world;
  Question question = upload("a,b,a\n1,2,3\n");
  question.fields = {{"Accept-Language", "zh-CN"}};
  const HttpAnswer answer = world.local(question);
  CHECK(answer.status == 422);
  CHECK(text_at(answer.object(), "field") == "C1");
  CHECK(text_at(answer.object(), "detail").starts_with("单元格 C1：表头与 A1 重复"));
  CHECK(world.local(upload("")).status == 400);
  CHECK(world.local(upload("a\n1\n", "?sheet=x")).status == 422);
  CHECK(world.local(upload("%PDF-1.4 etc")).status == 422);
}

TEST_CASE("sheets: more rows than a person looks over are cut, and the answer says so") {
  ApiWorld world;
  std::string csv = "n\n";
  for (std::size_t i = 0; i < limits::kUploadedRows; ++i) csv += std::to_string(i) + "\n";
  CHECK_FALSE(boolean_at(world.local(upload(csv)).object(), "truncated"));
  const json::object cut = world.local(upload(csv + "more\n")).object();
  CHECK(boolean_at(cut, "truncated"));
  CHECK(array_at(cut, "rows").size() == limits::kUploadedRows);
}

TEST_CASE("sheets: a browser needs its token, and a body has its limit") {
  ApiWorld world;
  Question question = upload("a\n1\n");
  question.fields = {{"Cookie", world.sign_in()}};
  CHECK(world.ask(question).status == 403);
  CHECK(world.ask(upload("a\n1\n")).status == 401);
  const Question head{
      .method = "POST",
      .target = "/api/v1/sheets",
      .fields = {{"Content-Length", std::to_string(limits::kUploadedSheetBytes + 1)}}};
  CHECK(world.ask(head).status == 413);
}
