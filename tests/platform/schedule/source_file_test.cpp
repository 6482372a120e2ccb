// Tests of source_file.hpp: what is written is read, and every mistake names its field.
#include "platform/schedule/source_file.hpp"

#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace rootlet::test;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

constexpr std::string_view kDefinition = R"({
  "id": "people", "title": "People",
  "provider": {"code": "11X", "name": "Unit"}, "format": "table", "update": "daily",
  "sharing": {"attribute": "unconditional"}, "grade": "general",
  "division": {"column": "code", "digits": 2},
  "columns": [{"name": "id", "type": "integer", "key": true}, {"name": "code", "type": "text"},
              {"name": "sex", "type": "text"}]})";

Result<SourceFile> parse(std::string_view text) {
  const DatasetDefinition people = must(DatasetDefinition::parse(kDefinition, "people.json"));
  return SourceFile::parse(text, people, "people.source.json");
}

// What is wrong with `members` beside "from" and "when".
std::string mistake(const std::string& members) {
  const Result<SourceFile> file =
      parse(R"({"from": "sqlite:/srv/a.db?table=t", "when": {"every": "1d"})" + members + "}");
  REQUIRE(file.has_error());
  CHECK(file.error().code == ErrorCode::kBadInput);
  return file.error().message;
}

}  // namespace

TEST_CASE("source file: everything that it can say") {
  const SourceFile file = must(parse(R"({
    "from": "postgres://reader@db/civil?table=people", "password": {"file": "/etc/civil.password"},
    "columns": {"id": "BH", "sex": "XB"}, "others": "ignore", "codes": {"sex": {"1": "男"}},
    "trim": true, "control_query": "SELECT count(*) AS rows FROM people",
    "quarantine": {"most_percent": 5}, "accept_changes": 30,
    "when": {"every": "7d", "at": "02:30"},
    "since": {"column": "GXSJ", "overlap": "10m", "whole_every": "30d"},
    "timeout": "30m", "alarm_after": "15d", "expect_change": "60d"})"));
  CHECK(file.from.kind == SourceKind::kPostgres);
  CHECK(file.password_file == "/etc/civil.password");
  CHECK(file.mapping.headings.at("sex") == "XB");
  CHECK(file.mapping.ignores_others);
  CHECK(file.mapping.codes.at("sex").at("1") == "男");
  CHECK(file.mapping.newest_heading == "GXSJ");
  CHECK(file.quarantine_percent == 5);
  CHECK(file.accept_changes == 30);
  CHECK(file.when.every == hours(168));
  CHECK(file.when.at_minute == 150);
  CHECK(file.since->overlap == minutes(10));
  CHECK(file.timeout == minutes(30));
  CHECK(file.expect_change == hours(24 * 60));
}

TEST_CASE("source file: without a word on alarms two missed publishes are one") {
  const SourceFile file =
      must(parse(R"({"from": "csv:/srv/a.csv", "changes": "op", "when": {"every": "1d"},
                     "codes": {"op": {"D": "delete"}}})"));
  CHECK(file.alarm_after == hours(48));
  CHECK(file.expect_change == minutes(0));
  CHECK(file.timeout == hours(1));
  CHECK(file.is_change_list);
  CHECK(file.mapping.change_heading == "op");
  CHECK(file.mapping.change_codes.at("D") == "delete");
}

TEST_CASE("source file: a mistake names the field") {
  CHECK(mistake(R"(, "colour": 1)").find("colour") != std::string::npos);
  CHECK(mistake(R"(, "columns": {"born": "CSRQ"})").find("columns.born") != std::string::npos);
  CHECK(mistake(R"(, "codes": {"sex": {"1": 1}})").find("codes.sex") != std::string::npos);
  CHECK(mistake(R"(, "quarantine": {"most_percent": 101})").find("quarantine.most_percent") !=
        std::string::npos);
  CHECK(mistake(R"(, "timeout": "1s")").find("timeout must be 1m to 400d") != std::string::npos);
  CHECK(mistake(R"(, "since": {"column": "GXSJ"}, "changes": true)").find("since") !=
        std::string::npos);
  CHECK(mistake(R"(, "password": {"file": "secret"})").find("must be a whole path") !=
        std::string::npos);
  CHECK(mistake(R"(, "password": {"credential": "../secret"})").find("password.credential") !=
        std::string::npos);
  CHECK(
      mistake(R"(, "control": "/srv/totals.json", "control_query": "SELECT 1")").find("control") !=
      std::string::npos);
  for (const char* when : {R"({"every": "1s"})", R"({"every": "6h", "at": "02:30"})",
                           R"({"every": "1d", "at": "24:00"})", R"({"at": "02:30"})"}) {
    const auto file = parse(R"({"from": "csv:/srv/a.csv", "when": )" + std::string(when) + "}");
    REQUIRE(file.has_error());
    CHECK(file.error().message.find("when.") != std::string::npos);
  }
  CHECK(parse(R"({"from": "csv:a.csv", "when": {"every": "1d"}})")
            .error()
            .message.find("from must name the file by its whole path") != std::string::npos);
}
