// A realm through three years, two days at a time, on the clock of the test.
#include "platform/keys/key_rotation.hpp"
#include "platform/repository/repository.hpp"
#include "platform/repository/role_ends.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"
#include "tests/platform/keys/holders.hpp"

using namespace rootlet;
using namespace rootlet::test;
using std::chrono::days;

namespace {

constexpr int kYears = 3;
constexpr int kStep = 2, kRotateEvery = 98;  // days

void must_sync(LiveOffice& office, int day) {
  const agent::CycleResult result = office.cycle();
  if (result.error) FAIL("day " << day << ", " << office.id() << ": " << result.error->message);
}

// Near their end or over it.
std::vector<std::string> warned_roles(LiveRealm& realm) {
  std::vector<std::string> roles;
  const UnixTime now = realm.clock.wall();
  for (const RoleEnd& end : must(platform::role_ends(realm.realm().serving()))) {
    if (decide_end(end, now) != EndState::kFar) roles.push_back(end.role);
  }
  return roles;
}

// One role after the other.
void rotate_next(LiveRealm& realm, int turn) {
  const std::string roles[] = {"timestamp", "publisher-11a", "targets",
                               "grants",    "snapshot",      "directory"};
  const std::string& role = roles[static_cast<std::size_t>(turn) % std::size(roles)];
  if (platform::is_named_by_root(role)) {
    sign_and_publish(realm, must(platform::prepare_online_keys(realm.realm(), {role})));
  } else {
    must(platform::rotate_delegated_keys(realm.realm(), {role}, platform::OldKeys::kForget,
                                         realm.clock.wall()));
  }
}

}  // namespace

TEST_CASE(
    "years: a realm lives on through three years, and so do offices that sleep for 400 days") {
  LiveRealm realm(3);
  std::mt19937_64 random(3);
  People people = change_people({}, random, 60);
  realm.publish(people);
  const auto long_grant = [&] {
    Grant grant = realm.grant({"all"});
    grant.until = realm.clock.wall() + days(365 * (kYears + 1));
    return grant;
  };
  LiveOffice& weekly = realm.add_office("weekly");
  LiveOffice& sleeper = realm.add_office("sleeper");
  for (LiveOffice* office : {&weekly, &sleeper}) {
    realm.permit(office->id(), long_grant());
    must_sync(*office, 0);
  }
  platform::Realm served =
      must(platform::Realm::open(realm.path(), {.clock = &realm.clock, .boot = "b"}));
  const auto sleeps = [](int day) { return (day > 30 && day < 430) || (day > 500 && day < 900); };
  int turn = 0;
  for (int day = kStep; day <= 365 * kYears; day += kStep) {
    realm.clock.pass(days(kStep));
    must(platform::renew_repository(served, realm.clock.wall()));  // as `serve` does
    CHECK(warned_roles(realm).size() <= 1);
    if (warned_roles(realm) == std::vector<std::string>{"root"}) {
      sign_and_publish(realm, {}, {1 + day % 3, 1 + (day + 1) % 3});
      CHECK(warned_roles(realm).empty());
    }
    if (day % kRotateEvery == 0) rotate_next(realm, turn++);
    if (day % 30 == 0) {
      people = change_people(people, random, 5);
      realm.publish(people);
    }
    if (day % 8 == 0) must_sync(weekly, day);
    if (day % 8 == 4 && !sleeps(day)) must_sync(sleeper, day);
  }
  CHECK(turn == 365 * kYears / kRotateEvery);
  LiveOffice& late = realm.add_office("late");
  for (LiveOffice* office : {&weekly, &sleeper, &late}) {
    must_sync(*office, 365 * kYears);
    CHECK(office->rows() == rows_of(people, true));
    CHECK(office->mismatch() == "");
  }
  CHECK(realm.verify().problems.empty());
  CHECK(must(realm.realm().registry().newest_metadata("root"))->version > kYears);
}

TEST_CASE("years: where nobody renews, people hear of each end 60 days before it") {
  LiveRealm realm(4);
  std::map<std::string, int> first_warned;  // day by role
  for (int day = 0; day <= 370; ++day) {
    for (const std::string& role : warned_roles(realm)) first_warned.emplace(role, day);
    realm.clock.pass(days(1));
  }
  for (const char* role : {"root", "targets", "grants", "publisher-11a"}) {
    CHECK(first_warned.at(role) == 365 - 60);
  }
  // Those that renew by themselves say it when that is overdue.
  for (const char* role : {"snapshot", "directory"}) CHECK(first_warned.at(role) == 30 - 7);
  CHECK(first_warned.at("timestamp") <= 4);
  const auto warnings = platform::end_warnings(must(platform::role_ends(realm.realm().serving())),
                                               realm.clock.wall());
  CHECK(warnings.size() == 7);
  for (const Text& warning : warnings) {
    CHECK(warning.en.find("ended at") != std::string::npos);
    CHECK(warning.zh.find("到期") != std::string::npos);
  }
}
