// Errors in a JSON file name the line and column where a person finds the mistake.
#include "core/format/json_position.hpp"

#include "core/format/json.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;

namespace {

std::string place(std::string_view text, std::string_view path) {
  const auto found = find_in_json(text, path);
  return found ? std::to_string(found->line) + ":" + std::to_string(found->column) : "none";
}

constexpr std::string_view kText = R"({
  "id": "a\"],b", "名称": {"zh": "王", "en": [1, {"x": -2.5e3}]},
  "columns": [
    {"name": "code", "tags": []},
    {"name": "姓名", "type": "text"}
  ]
})";

}  // namespace

TEST_CASE("JSON position: a key path leads to its value, a missing member to its object") {
  CHECK(place(kText, "") == "1:1");
  CHECK(place(kText, "id") == "2:9");
  CHECK(place(kText, "名称.zh") == "2:32");
  CHECK(place(kText, "名称.en[1].x") == "2:53");
  CHECK(place(kText, "columns[0].tags") == "4:30");
  CHECK(place(kText, "columns[1].type") == "5:28");
  CHECK(place(kText, "columns[1].grade") == "5:5");
  CHECK(place(kText, "provider") == "1:1");
  CHECK(place(kText, "columns[2].name") == "none");
  CHECK(place(kText, "nothing.at.all") == "none");
  CHECK(place(kText, "columns[x]") == "none");
}

TEST_CASE("JSON position: an error of a reader gets its line, another one stays as it is") {
  const Error error = with_position(
      bad_input("ds.json: columns[1].type is none of: text", "columns[1].type"), kText, "ds.json");
  CHECK(error.message == "ds.json: line 5, column 28: columns[1].type is none of: text");
  CHECK(error.field == "columns[1].type");
  const Error plain = with_position(bad_input("elsewhere", "id"), kText, "ds.json");
  CHECK(plain.message == "elsewhere");
}

TEST_CASE("JSON position: no path and no text lead outside") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = test::seeded(seed);
  CAPTURE(seed);
  const std::string_view letters = "{}[]\",:\\ a1.\n";
  for (int round = 0; round < 5000; ++round) {
    std::string text, path;
    for (std::size_t i = random() % 20; i > 0; --i) text += letters[random() % letters.size()];
    for (std::size_t i = random() % 8; i > 0; --i) path += letters[random() % letters.size()];
    const auto found = find_in_json(text, path);
    if (found) CHECK(found->line <= text.size() + 1);
  }
}

TEST_CASE("JSON: what is not valid is named by line and column, and text must be UTF-8") {
  const auto field = [](std::string_view text) {
    const auto read = parse_json(text, "t.json");
    REQUIRE(read.has_error());
    return read.error().field;
  };
  CHECK(field("{\n \"a\": 1,\n \"王\": tru\n}").starts_with("line 3, column "));
  CHECK(field("{\"a\": 1} x") == "line 1, column 10");
  CHECK(field("{\"a\": 1,}").starts_with("line 1, column "));
  CHECK(field("{\"a\": \"\xB4\xE5\"}").starts_with("line 1, column "));
  CHECK(field("[\"\xED\xA0\x80\"]").starts_with("line 1, column "));
  CHECK(field("").starts_with("line 1"));
}
