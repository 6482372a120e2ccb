// Rounds between a platform and its offices: a change comes down, records go up, judgements come
// back. First over a good link, with the time of a round; then over links that fail by a seed.
#include <algorithm>
#include <chrono>
#include <ctime>

#include "tests/realm/record_watch.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

constexpr int kRounds = 100;

json::object random_values(std::mt19937_64& random) {
  return {{"name", "n" + std::to_string(random() % 1'000'000)},
          {"people", static_cast<std::int64_t>(random() % 100)}};
}

std::string_view random_form(std::mt19937_64& random) {
  return random() % 3 == 0 ? kClaim : kVisit;
}

double processor_ms() {
  return 1000.0 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}
double wall_ms() {
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}
double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// The errors that a bad link may cause; any other is a bug.
bool is_of_the_link(const std::optional<Error>& error) {
  if (!error) return true;
  return error->code == ErrorCode::kUnreachable || error->code == ErrorCode::kUntrusted ||
         error->code == ErrorCode::kNotPermitted;
}

void must_cycle(LiveOffice& office) {
  const agent::CycleResult result = office.cycle();
  if (result.error) FAIL(result.error->message);
}

// A realm and its offices, each with a watch over its records.
struct Field {
  struct Member {
    LiveOffice* office;
    RecordWatch records;
  };

  explicit Field(std::uint64_t seed) : realm(seed), random(seed) {}
  void add(const std::string& id, std::vector<std::string> divisions, Grade max_grade = 1) {
    LiveOffice& office = realm.add_office(id, std::move(divisions), max_grade);
    members.push_back({&office, RecordWatch(realm, office)});
    must_cycle(office);
  }

  // One round of everything; cycles may fail as links fail.
  void round() {
    if (random() % 5 > 0) people = change_people(people, random, 1 + random() % 6);
    realm.renew();
    realm.publish(people);
    for (Member& member : members) {
      for (std::uint64_t count = random() % 3; count > 0; --count) {
        member.records.submit(random_form(random), random_values(random));
      }
      if (random() % 4 == 0) member.records.fix_one("fixed " + std::to_string(random()));
      cycle(member);
    }
    realm.validate();
    if (random() % 2 == 0) realm.decide_claims();
    for (Member& member : members) cycle(member);
    check();
    realm.clock.pass(std::chrono::minutes(random() % 90));
  }

  // The links are good from now on: after two passes both ends must agree about everything.
  void heal() {
    for (Member& member : members) member.office->link.faults = {};
    for (int pass = 0; pass < 2; ++pass) {
      for (Member& member : members) must_cycle(*member.office);
      realm.validate();
      realm.decide_claims();
    }
    for (Member& member : members) {
      must_cycle(*member.office);
      CHECK(member.records.is_settled());
    }
    check();
  }

  void check() {
    for (Member& member : members) {
      CAPTURE(member.office->id());
      REQUIRE(member.office->mismatch() == "");
      member.records.check();
    }
  }

  LiveRealm realm;
  std::mt19937_64 random;
  People people = change_people({}, random, 200);
  std::vector<Member> members;

 private:
  static void cycle(Member& member) {
    const agent::CycleResult result = member.office->cycle();
    if (!is_of_the_link(result.error)) FAIL(result.error->message);
  }
};

}  // namespace

TEST_CASE("realm: a round brings a change down and a record's judgement back") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  LiveRealm realm(seed);
  LiveOffice& office = realm.add_office("xinfeng");
  must_cycle(office);
  RecordWatch records(realm, office);
  People people = change_people({}, random, 200);
  realm.publish(people);
  must_cycle(office);
  std::vector<double> wall, processor;
  for (int round = 0; round < 20; ++round) {
    const double wall_start = wall_ms(), processor_start = processor_ms();
    for (int i = 0; i < 3; ++i) {
      people["p" + std::to_string(random() % 40)] = {"1101", std::to_string(random() % 9), ""};
    }
    realm.publish(people);
    must_cycle(office);
    CHECK(office.rows() == rows_of(people, true));
    records.submit(kVisit, random_values(random));
    records.submit(kClaim, random_values(random));
    must_cycle(office);
    realm.validate();
    realm.decide_claims();
    must_cycle(office);
    CHECK(records.is_settled());
    wall.push_back(wall_ms() - wall_start);
    processor.push_back(processor_ms() - processor_start);
    realm.clock.pass(std::chrono::minutes(10));
  }
  CHECK(office.holds_exactly({"11", "12", "13", "14"}));
  CHECK(realm.verify().problems.empty());
  // Printed, not checked: the figure depends on what else runs on the machine.
  MESSAGE("a round takes " << median(wall) << " ms, of the processor " << median(processor)
                           << " ms (medians)");
}

TEST_CASE("realm: a hundred rounds over a link that fails lose nothing and double nothing") {
  std::uint64_t seed = 0;
  seeded(seed);
  MESSAGE("ROOTLET_SEED=" << seed);
  CAPTURE(seed);
  Field field(seed);
  field.add("xinfeng", {"all"});
  LiveOffice& office = *field.members.front().office;
  office.link.faults = kRoughLink;
  for (int round = 0; round < kRounds; ++round) {
    CAPTURE(round);
    field.round();
  }
  const std::uint64_t faults = office.link.faults_met;
  MESSAGE(faults << " of " << office.link.asked.size() << " requests met a fault");
  CHECK(faults > kRounds / 2);
  field.heal();
  CHECK(office.holds_exactly({"11", "12", "13", "14"}));
  CHECK(office.rows() == rows_of(field.people, true));
  CHECK(field.realm.verify().problems.empty());
}

TEST_CASE("realm: three offices see what each is granted, and one bad link harms no other") {
  std::uint64_t seed = 0;
  seeded(seed);
  MESSAGE("ROOTLET_SEED=" << seed);
  CAPTURE(seed);
  Field field(seed);
  field.add("north", {"11", "12"});
  field.add("south", {"13"}, 3);
  field.add("all", {"all"});
  LiveOffice& north = *field.members[0].office;
  LiveOffice& south = *field.members[1].office;
  south.link.faults = kRoughLink;
  for (int round = 0; round < 20; ++round) {
    CAPTURE(round);
    north.link.is_down = round >= 5 && round < 15;
    field.round();
    if (!north.link.is_down) CHECK(north.holds_exactly({"11", "12"}));
    CHECK(field.members[2].office->holds_exactly({"11", "12", "13", "14"}));
  }
  field.heal();
  CHECK(north.holds_exactly({"11", "12"}));
  CHECK(south.holds_exactly({"13"}));
  CHECK(field.realm.verify().problems.empty());
}

TEST_CASE("realm: an office that returns after a month of silence catches up with all of it") {
  Field field(7);
  field.add("asleep", {"all"});
  field.realm.publish(field.people);
  must_cycle(*field.members.front().office);
  for (int day = 0; day < 29; ++day) {
    field.people = change_people(field.people, field.random, 5);
    field.realm.clock.pass(std::chrono::days(1));
    field.realm.renew();
    field.realm.publish(field.people);
  }
  field.heal();
  CHECK(field.members.front().office->rows() == rows_of(field.people, true));
}
