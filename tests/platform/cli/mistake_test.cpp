// Mistakes that would leave offices with nothing are refused by the real program, and taken back.
#include "core/format/json.hpp"
#include "tests/platform/cli/program.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

constexpr std::string_view kRoster = R"({
  "id": "roster", "title": "Roster", "provider": {"code": "11A", "name": "Unit"},
  "format": "table", "update": "daily", "sharing": {"attribute": "unconditional", "uses": ["care"]},
  "grade": "general", "division": {"column": "code", "digits": 6}, "publish": {"accept_changes": 30},
  "columns": [{"name": "code", "type": "text", "key": true}, {"name": "name", "type": "text"}]})";

struct Operator {
  TempDir folder;

  Operator() {
    write("passphrases", "a passphrase for the tests\n");
    REQUIRE(Program(folder.path(), {"init", path("realm"), "--name", "Test", "--passphrase-file",
                                    path("passphrases")})
                .wait()
                .exit_code == 0);
    write("roster.json", kRoster);
    REQUIRE(run({"dataset", "add", path("roster.json")}).exit_code == 0);
  }
  std::string path(const std::string& name) const { return (folder / name).string(); }
  void write(const std::string& name, std::string_view text) const {
    std::ofstream(folder / name, std::ios::binary) << text;
  }
  Said run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--realm", path("realm")});
    return Program(folder.path(), std::move(arguments)).wait();
  }
  // The rows with numbers from `first` to 109; those up to `last_changed` have another name.
  Said publish(int first, int last_changed, std::vector<std::string> more = {}) {
    std::string text = "code,name\n";
    for (int i = first; i < 110; ++i) {
      text += "330402" + std::to_string(i) + (i <= last_changed ? ",other\n" : ",same\n");
    }
    write("roster.csv", text);
    std::vector<std::string> words = {"publish", "roster", "--from", "csv:" + path("roster.csv"),
                                      "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
};

std::int64_t number(const json::value& object, std::string_view key) {
  return object.at(key).to_number<std::int64_t>();
}

}  // namespace

TEST_CASE(
    "rootlet-platform: a cut file is refused with figures in JSON, accepted, and taken back") {
  Operator at;
  REQUIRE(at.publish(100, 0).exit_code == 0);
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{}, {"--dry-run"}, {"--accept-changes", "59%"}}) {
    const Said said = at.publish(105, 105, more);
    CHECK(said.exit_code == 8);
    const json::value refused = said.json();
    CHECK(refused.at("refused").as_string() == "too_many");
    CHECK(number(refused, "rows_before") == 10);
    CHECK(number(refused, "removed") == 5);
    CHECK(number(refused, "changed") == 1);
    CHECK(number(refused, "added") == 0);
    CHECK(number(refused, "needed_percent") == 60);
    CHECK(number(refused, "accepted_percent") == (more.size() == 2 ? 59 : 30));
    CHECK(number(refused.at("error"), "exit_code") == 8);
  }
  CHECK(number(at.publish(105, 105, {"--accept-changes", "60%"}).json(), "version") == 2);
  CHECK(at.publish(105, 106).exit_code == 0);  // one of five rows: within the definition's 30 %
  const Said back = at.run({"publish", "roster", "--restore", "1", "--json"});
  REQUIRE(back.exit_code == 0);
  CHECK(number(back.json(), "rows") == 10);
  CHECK(number(back.json(), "version") == 4);
  const json::value shown = at.run({"dataset", "show", "roster", "--json"}).json();
  const json::array& versions = shown.at("versions").as_array();
  REQUIRE(versions.size() == 4);
  CHECK(versions[0].at("restorable").as_bool());
  CHECK_FALSE(versions[3].at("restorable").as_bool());
  CHECK(number(versions[3], "restored") == 1);
  CHECK(at.run({"publish", "roster", "--restore", "9"}).exit_code == 2);
  CHECK(at.run({"publish", "roster", "--restore", "1", "--from", "csv:x"}).exit_code == 2);
  CHECK(at.publish(100, 0, {"--accept-changes", "many"}).exit_code == 2);
}

TEST_CASE("rootlet-platform: a grant that covers nothing is refused, and listed if made anyway") {
  Operator at;
  REQUIRE(at.publish(100, 0).exit_code == 0);
  REQUIRE(at.run({"office", "add", "town", "--division", "330402001", "--name", "Town", "--out",
                  at.path("town.enroll")})
              .exit_code == 0);
  const Said refused = at.run({"grant", "add", "town", "roster", "--purposes", "care"});
  CHECK(refused.exit_code == 8);
  CHECK(refused.err.find("330402") != std::string::npos);
  CHECK(at.run({"grant", "add", "town", "roster", "--purposes", "care", "--divisions", "330403",
                "--anyway"})
            .out.find("covers no data yet") != std::string::npos);
  CHECK(at.run({"grant", "list"}).out.find("no data yet") != std::string::npos);
  const Said set =
      at.run({"grant", "set", "town", "roster", "--divisions", "330402", "--export", "--json"});
  REQUIRE(set.exit_code == 0);
  CHECK(set.json().at("before").at("covers_no_data").as_bool());
  CHECK_FALSE(set.json().at("after").at("covers_no_data").as_bool());
  CHECK(set.json().at("after").at("export").as_bool());
  CHECK(set.json().at("after").at("purposes") == set.json().at("before").at("purposes"));
  CHECK(at.run({"grant", "set", "town", "roster"}).exit_code == 2);
  CHECK(at.run({"grant", "add", "town", "roster", "--purposes", "care"}).exit_code == 2);
}
