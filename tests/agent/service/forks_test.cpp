// What an office shows of a fork: in `status` as JSON and text, in `doctor` as a finding with
// advice.
#include "agent/service/forks.hpp"

#include "agent/cli/text/status_text.hpp"
#include "core/format/json_values.hpp"
#include "tests/agent/office_world.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

// As the platform's answer "fork" leaves the outbox: the chain is closed, the next one is open.
void plant_fork(OfficeWorld& world, std::int64_t next_opened_s) {
  must(world.open().open_outbox());  // makes the file
  Office office = world.open();
  const SymmetricKey key = must(office.keys().file_key("outbox"));
  Database database = must(Database::open(office.home().outbox(), key));
  Statement chain = must(database.prepare(
      "INSERT INTO lines(line, state, next, previous, opened_at, reason) VALUES(?,?,2,?,?,?)"));
  must(chain.bind_all("old", 2, ByteView(Hash256{}), next_opened_s - 1000, "fork").run());
  must(chain.bind_all("new", 1, ByteView(Hash256{}), next_opened_s, "").run());
}

json::object check_named(const json::object& findings, std::string_view name) {
  for (const json::value& value : array_at(findings, "checks")) {
    if (text_at(value.get_object(), "name") == name) return value.get_object();
  }
  return {};
}

}  // namespace

TEST_CASE("forks: status names the chain, and doctor says what it means and what to do") {
  OfficeWorld world;
  plant_fork(world, world.clock.wall().time_since_epoch().count());
  const json::object status = must(world.call("status", {}));
  const json::array& forks = array_at(object_at(status, "outbox"), "forks");
  REQUIRE(forks.size() == 1);
  CHECK(text_at(forks[0].get_object(), "chain") == "old");
  CHECK_FALSE(forks[0].get_object().at("ended").is_null());
  for (const Language language : {Language::kEnglish, Language::kChinese}) {
    CHECK(status_text(status, language, 0).find("rootlet doctor") != std::string::npos);
  }
  const json::object finding = check_named(must(world.call("doctor", {})), "forks");
  CHECK(text_at(finding, "state") == "wrong");
  CHECK_FALSE(text_at(finding, "words", Language::kChinese).empty());
  CHECK_FALSE(text_at(finding, "advice", Language::kChinese).empty());
}

TEST_CASE("forks: an old one is a note, and a gap is none") {
  OfficeWorld world;
  plant_fork(world, world.clock.wall().time_since_epoch().count());
  world.clock.pass(std::chrono::days(31));
  CHECK(text_at(check_named(must(world.call("doctor", {})), "forks"), "state") == "note");
  std::vector<ChainSummary> chains{{.chain = "a", .quarantined = true, .reason = "gap"}};
  CHECK(forks_json(chains).empty());
  CHECK_FALSE(has_recent_fork(chains, world.clock.wall()));
}
