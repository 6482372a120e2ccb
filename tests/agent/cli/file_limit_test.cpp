// A file that a person asked for is whole, or a warning says that it was cut.
#include "tests/agent/cli/terminal.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

std::ptrdiff_t lines_of(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n');
}

}  // namespace

TEST_CASE("files: CSV and JSON Lines have all rows unless a limit is given") {
  Terminal terminal;
  const Answer csv = terminal.query({"--format", "csv"});
  CHECK(csv.exit_code == 0);
  CHECK(lines_of(csv.out) == 84);  // and the names of the columns
  CHECK(csv.err.find("warning") == std::string::npos);
  CHECK(lines_of(terminal.query({"--format", "jsonl"}).out) == 83);
}

TEST_CASE("files: a limit that cuts a file is warned of on standard error, in both languages") {
  Terminal terminal;
  for (const char* form : {"csv", "jsonl"}) {
    const Answer english = terminal.query({"--format", form, "--limit", "20"});
    CHECK(english.exit_code == 0);
    CHECK(english.err.find("warning") != std::string::npos);
    CHECK(english.err.find("20") != std::string::npos);
    CHECK(english.out.find("warning") == std::string::npos);
    const Answer chinese = terminal.query({"--format", form, "--limit", "20"}, "zh_CN.UTF-8");
    CHECK(chinese.err.find("警告") != std::string::npos);
    CHECK(terminal.query({"--format", form, "--limit", "83"}).err.find("warning") ==
          std::string::npos);
  }
}

TEST_CASE("tables: 50 rows, and the words that there are more; JSON says truncated") {
  Terminal terminal;
  const Answer table = terminal.query({});
  CHECK(table.out.find("50 of 83 rows") != std::string::npos);
  CHECK(table.err.find("33 more rows not shown") != std::string::npos);
  CHECK(table.err.find("--limit 0") != std::string::npos);
  CHECK(terminal.query({}, "zh_CN.UTF-8").err.find("另有 33 行未显示") != std::string::npos);
  const json::value cut = must(parse_json(terminal.query({"--json"}).out, "answer"));
  CHECK(cut.as_object().at("truncated").as_bool());
  CHECK(integer_at(cut.as_object(), "count") == 50);
  const json::value whole =
      must(parse_json(terminal.query({"--json", "--limit", "0"}).out, "answer"));
  CHECK_FALSE(whole.as_object().at("truncated").as_bool());
}

TEST_CASE("search: a limit that ends before the last dataset says that there may be more") {
  Terminal terminal;
  const Answer found = terminal.run({"search", "x", "--purpose", "verification", "--limit", "5"});
  CHECK(found.out.find("5 of more rows") != std::string::npos);
}
