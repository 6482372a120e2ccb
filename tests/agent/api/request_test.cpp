// Requests of the local API: paths, parameters, the form of the answer, the caller's language.
#include "agent/api/form/request.hpp"

#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

ApiRequest parse(std::string_view target, std::vector<http::RequestHead::Field> fields = {}) {
  return must(parse_api_request({.method = "GET", .target = target, .fields = std::move(fields)}));
}

}  // namespace

TEST_CASE("request: path and parameters are decoded, in order") {
  const ApiRequest request =
      parse("/api/v1/datasets/villages/rows/a%2Cb?name=like.%E7%8E%8B*&limit=5&q=a+b");
  CHECK(request.path ==
        std::vector<std::string>{"api", "v1", "datasets", "villages", "rows", "a,b"});
  CHECK(request.value("name") == "like.王*");
  CHECK(must(request.number("limit", 0, 10, 50)) == 5);
  CHECK(must(request.number("page", 0, 10, 50)) == 50);
  CHECK(code_of(request.number("limit", 6, 10, 50)) == ErrorCode::kBadInput);
  CHECK(request.value("q") == "a b");
}

TEST_CASE("request: bytes that are no text, and too many parameters, are refused") {
  const auto refused = [](std::string_view target) {
    return code_of(parse_api_request({.method = "GET", .target = target}));
  };
  CHECK(refused("/api/%FF") == ErrorCode::kBadInput);
  CHECK(refused("/api/%00") == ErrorCode::kBadInput);
  CHECK(refused("/api/%4") == ErrorCode::kBadInput);
  CHECK(refused("http://other/") == ErrorCode::kBadInput);
  std::string many = "/api?";
  for (int i = 0; i < 200; ++i) many += "a=1&";
  CHECK(refused(many) == ErrorCode::kBadInput);
}

TEST_CASE("request: the form comes from Accept, or from the ending of a list, never of a key") {
  CHECK(parse("/api/v1/datasets/x/rows").form == BodyForm::kJson);
  CHECK(parse("/api/v1/datasets/x/rows", {{"Accept", "text/html, text/csv;q=0.8"}}).form ==
        BodyForm::kCsv);
  CHECK(parse("/x", {{"Accept", "application/x-ndjson"}}).form == BodyForm::kJsonLines);
  CHECK(parse("/x", {{"Accept", "text/event-stream"}}).form == BodyForm::kEvents);
  const ApiRequest csv = parse("/api/v1/datasets/x/rows.csv", {{"Accept", "application/json"}});
  CHECK(csv.form == BodyForm::kCsv);
  CHECK(csv.path.back() == "rows");
  CHECK(parse("/api/v1/datasets/x/rows/key.csv").path.back() == "key.csv");
}

TEST_CASE("request: language, purpose, and the wish for a count") {
  CHECK(accepted_language("") == Language::kEnglish);
  CHECK(accepted_language("zh-CN,zh;q=0.9,en;q=0.8") == Language::kChinese);
  CHECK(accepted_language("en;q=0.4, zh;q=0.5") == Language::kChinese);
  CHECK(accepted_language("fr, en;q=0.5") == Language::kEnglish);
  const ApiRequest request = parse(
      "/x", {{"Rootlet-Purpose", "%E6%A0%B8%E9%AA%8C"}, {"Prefer", "return=minimal, count=exact"}});
  CHECK(request.purpose == "核验");
  CHECK(request.counts_all);
  CHECK(parse("/x?purpose=a", {{"Rootlet-Purpose", "b"}}).purpose == "a");
}

TEST_CASE("request: a cookie is found by its whole name") {
  CHECK(cookie_value("a=1; rootlet_session_8460=xyz; b=2", "rootlet_session_8460") == "xyz");
  CHECK(cookie_value("not_rootlet_session_8460=xyz", "rootlet_session_8460") == "");
  CHECK(cookie_value("", "x") == "");
}
