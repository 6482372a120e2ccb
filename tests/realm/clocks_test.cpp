// Whole lives under wrong clocks: the real publisher, the real agent and one link. The platform and
// the office share the clock of the world; it is set wrong while one of them acts.
#include "platform/keys/root_ceremony.hpp"
#include "platform/repository/role_ends.hpp"
#include "storage/database.hpp"
#include "tests/realm/world/realm.hpp"

using namespace rootlet;
using namespace rootlet::test;
using std::chrono::days;

namespace {

const People kOne = {{"a", {"1101", "2", "13812345678"}}, {"b", {"1201", "3", ""}}};
const People kTwo = {{"a", {"1101", "4", "13812345678"}}, {"c", {"1301", "1", ""}}};

void cycle(LiveOffice& office) {
  const agent::CycleResult result = office.cycle();
  if (result.error.has_value()) FAIL(result.error->message);
}

// Does something while the clock of the world is wrong by `error`.
template <typename Act>
void with_wrong_clock(LiveRealm& realm, days error, Act act) {
  const UnixTime right = realm.clock.wall();
  realm.clock.set_wall(right + error);
  act();
  realm.clock.set_wall(right);
}

// A machine whose clock is set back to the same time before each boot.
class Booted final : public Clock {
 public:
  explicit Booted(UnixTime wall) : wall_(wall) {}
  UnixTime wall() const override { return wall_; }
  std::chrono::milliseconds since_boot() const override { return up_; }
  void boot_and_run(days time) { up_ = time; }

 private:
  UnixTime wall_;
  std::chrono::milliseconds up_{0};
};

bool erased_anything(LiveOffice& office) {
  const json::object status = must(office.call("status", {}));
  return !array_at(status, "erasures").empty();
}

std::string lease_until(LiveOffice& office) {
  const json::object status = must(office.call("status", {}));
  return text_at(array_at(status, "datasets").at(0).as_object(), "lease_until");
}

}  // namespace

TEST_CASE("clocks: the platform is 10 days fast for one publish, and offices heal by themselves") {
  LiveRealm realm;
  LiveOffice& known = realm.add_office("known");
  realm.publish(kOne);
  cycle(known);
  LiveOffice& fresh = realm.add_office("fresh");  // first hears the wrong time
  LiveOffice& late = realm.add_office("late");    // hears nothing more for weeks
  cycle(late);
  with_wrong_clock(realm, days(10), [&] { realm.publish(kTwo); });
  for (LiveOffice* office : {&known, &fresh, &late}) cycle(*office);
  for (int day = 1; day <= 60; ++day) {
    realm.clock.pass(days(1));
    realm.renew();
    cycle(known);
    cycle(fresh);
    if (day == 25 || day == 45 || day == 60) cycle(late);
    CHECK(known.rows() == rows_of(kTwo, true));
    CHECK(late.rows() == rows_of(kTwo, true));
  }
  for (LiveOffice* office : {&known, &fresh, &late}) {
    CHECK(office->holds_exactly({"11", "12", "13"}));
    CHECK_FALSE(erased_anything(*office));
  }
}

TEST_CASE("clocks: 40 days at a time, an office that is in contact keeps its data") {
  LiveRealm realm;
  LiveOffice& office = realm.add_office("office");
  realm.publish(kOne);
  cycle(office);
  for (int round = 0; round < 4; ++round) {
    realm.clock.pass(days(40));
    realm.renew();
    cycle(office);
    CHECK(office.rows() == rows_of(kOne, true));
  }
  CHECK_FALSE(erased_anything(office));
}

TEST_CASE(
    "clocks: an office two years ahead for one sync erases no record and stretches no lease") {
  LiveRealm realm;
  LiveOffice& office = realm.add_office("office");
  Grant grant = realm.grant({"all"});
  grant.lease_days = 1;
  realm.permit("office", grant);
  realm.publish(kOne);
  cycle(office);
  const std::string record = office.submit(kVisit, {{"name", "Li"}, {"people", 2}});
  cycle(office);
  realm.validate();
  cycle(office);
  REQUIRE(office.records().at(0).state == RecordState::kAccepted);
  const std::string until = lease_until(office);
  for (const days error : {days(730), days(6)}) {
    with_wrong_clock(realm, error, [&] { static_cast<void>(office.cycle()); });
    CHECK_FALSE(office.records().at(0).erased);
    CHECK(lease_until(office) == until);
  }
  cycle(office);
  CHECK(office.rows() == rows_of(kOne, true));
  office.link.is_down = true;
  realm.clock.pass(days(2));
  static_cast<void>(office.cycle());
  CHECK(office.rows().empty());
}

TEST_CASE("clocks: boots with the clock set back end a lease, though nobody but readers comes") {
  LiveRealm realm;
  LiveOffice& office = realm.add_office("office");
  realm.publish(kOne);
  cycle(office);
  Booted machine(realm.clock.wall() - days(365));
  office.context.clock = &machine;
  const auto reads = [&] {
    return office
        .call("query", {{"dataset", "people"},
                        {"purpose", "care"},
                        {"limit", 0},
                        {"columns", json::array{}},
                        {"where", json::array{}}})
        .has_value();
  };
  int boots = 0;
  while (reads()) {
    REQUIRE(++boots < 13);
    office.context.boot = "boot-" + std::to_string(boots + 1);
    machine.boot_and_run(days(3));
  }
  CHECK(boots == 11);  // of a lease of 30 days
}

TEST_CASE("clocks: what is only missing from directory or home is not erased, an order is obeyed") {
  LiveRealm realm;
  LiveOffice& office = realm.add_office("office");
  realm.publish(kOne);
  cycle(office);
  {
    const auto machine_key = must(agent::load_machine_key(office.home()));
    Database keys = must(Database::open(office.home().keys(), *machine_key, {}));
    must(keys.execute("DELETE FROM facts WHERE name='grant'"));
  }
  office.link.is_down = true;
  static_cast<void>(office.cycle());
  office.link.is_down = false;
  CHECK_FALSE(erased_anything(office));
  cycle(office);
  CHECK(office.rows() == rows_of(kOne, true));
  realm.withdraw_grant("office");
  cycle(office);
  CHECK(erased_anything(office));
}

TEST_CASE("clocks: the platform refuses to sign at a doubtful time, until its operator vouches") {
  LiveRealm realm;
  LiveOffice& office = realm.add_office("office");
  realm.publish(kOne);
  cycle(office);
  const auto renew_at = [&](days error, bool is_accepted) {
    platform::Realm guarded = must(platform::Realm::open(
        realm.path(), {.clock = &realm.clock, .boot = "boot", .is_accepted = is_accepted}));
    return platform::renew_repository(guarded, realm.clock.wall() + error);
  };
  realm.clock.pass(days(2));
  CHECK(must(renew_at(days(0), false)));
  realm.clock.pass(days(2));
  const Result<bool> fast = renew_at(days(10), false);
  CHECK(code_of(fast) == ErrorCode::kUsage);
  CHECK(fast.error().message.find("--accept-clock") != std::string::npos);
  CHECK(must(renew_at(days(10), true)));  // the operator is mistaken
  CHECK(code_of(renew_at(days(0), false)) == ErrorCode::kUsage);
  cycle(office);
  CHECK(must(renew_at(days(0), true)));  // and corrects it
  CHECK_FALSE(must(renew_at(days(0), false)));
  realm.clock.pass(days(1));
  cycle(office);
  CHECK(office.rows() == rows_of(kOne, true));
}

TEST_CASE("clocks: the end of the root is said weeks before, and two root keys move it") {
  LiveRealm realm;
  LiveOffice& office = realm.add_office("office");
  Grant grant = realm.grant({"all"});
  grant.until = realm.clock.wall() + days(4000);
  realm.permit("office", grant);
  realm.publish(kOne);
  const auto warnings = [&] {
    return platform::end_warnings(must(platform::role_ends(realm.realm().serving())),
                                  realm.clock.wall());
  };
  const auto pass_months = [&](int months) {
    for (; months > 0; --months) {
      realm.clock.pass(days(30));
      realm.renew();
      cycle(office);
    }
  };
  pass_months(9);
  CHECK(warnings().empty());
  pass_months(2);
  REQUIRE(warnings().size() == 1);
  CHECK(warnings()[0].en.find("role root") != std::string::npos);
  CHECK(warnings()[0].en.find("root renew") != std::string::npos);
  const json::object status = must(office.call("status", {}));
  const json::array& near_end = array_at(object_at(status, "trust"), "near_end");
  REQUIRE(near_end.size() == 1);
  CHECK(text_at(near_end[0].as_object(), "role") == "root");

  const auto key = [&](int number) {
    return realm.path() / "keys" / ("root-" + std::to_string(number) + ".json");
  };
  const std::vector<std::string> words = {"correct horse 1", "correct horse 3"};
  CHECK(code_of(platform::renew_root(realm.realm(), {key(1), key(1)}, words, realm.clock.wall())) ==
        ErrorCode::kUsage);
  CHECK(must(platform::renew_root(realm.realm(), {key(1), key(3)}, words, realm.clock.wall()))
            .version == 2);
  CHECK(warnings().empty());
  pass_months(4);
  CHECK(office.rows() == rows_of(kOne, true));
}
