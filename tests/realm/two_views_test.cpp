// A platform, or a thief of all its keys, that shows two offices two directories. What each office
// verified goes along with its records, so the intake finds it at the first record. Witnesses find
// it by comparing what they and the offices saw.
#include "platform/source/csv_source.hpp"
#include "sync/wire/client/http.hpp"
#include "tests/realm/world/witness.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

namespace fs = std::filesystem;

// Publishes `people` in a copy of the realm, with all its keys, for one office alone.
fs::path other_view(LiveRealm& realm, const TempDir& lair, const People& people) {
  realm.close();
  fs::copy(realm.path(), lair / "realm", fs::copy_options::recursive);
  write_people(lair / "people.csv", people);
  platform::Realm copy = must(platform::Realm::open(lair / "realm"));
  must(platform::publish_dataset(
      copy, "people",
      {.open_source = platform::csv_file(lair / "people.csv"), .accept_changes = 100},
      realm.clock.wall()));
  return lair / "realm" / "repository";
}

int tries(int usual) {
  return std::getenv("ROOTLET_LONG") != nullptr ? 100 : usual;
}

std::vector<platform::ForeignDirectory> found(LiveRealm& realm) {
  return must(realm.intake().intake().foreign_directories());
}

}  // namespace

TEST_CASE("two views: intake and witness find them in every try") {
  for (int number = 0; number < tries(5); ++number) {
    CAPTURE(number);
    LiveRealm realm(static_cast<std::uint64_t>(number));
    std::mt19937_64 random(static_cast<std::uint64_t>(number));
    const People people = change_people({}, random, 20);
    realm.publish(people);
    LiveOffice& shown = realm.add_office("shown");
    LiveOffice& other = realm.add_office("other");
    for (LiveOffice* office : {&shown, &other}) {
      REQUIRE_FALSE(office->cycle().error);
      office->submit("visit", {{"name", "王小明"}, {"people", 3}});
      REQUIRE_FALSE(office->cycle().error);
    }
    realm.validate();
    CHECK(found(realm).empty());

    LiveWitness near(realm, "near"), far(realm, "far");
    for (LiveWitness* witness : {&near, &far}) must(witness->watch(realm.repository()));

    const TempDir lair;
    HttpClient client;
    const fs::path lies = other_view(realm, lair, change_people(people, random, 10));
    HttpFileSource lie(client, must(repository_url(lies.string())));
    REQUIRE_FALSE(shown.sync_from(lie).error);
    realm.publish(change_people(people, random, 4));
    REQUIRE_FALSE(other.cycle().error);
    must(near.watch(realm.repository()));
    must(far.watch(lies));
    CHECK(near.compare(other).is_clean());
    CHECK(far.compare(shown).is_clean());
    CHECK(near.compare(shown).forks.size() == 1);
    CHECK(far.compare(other).forks.size() == 1);
    const platform::ExchangeReport between = near.compare({far.folder()});
    REQUIRE(between.forks.size() == 1);
    CHECK(between.forks[0].is_proven);
    CHECK(between.forks[0].is_one_signer);
    for (LiveOffice* office : {&other, &shown}) {
      office->submit("visit", {{"name", "李四"}, {"people", 1}});
      static_cast<void>(office->cycle());  // records go first
    }
    realm.validate();
    const std::vector<platform::ForeignDirectory> foreign = found(realm);
    REQUIRE(foreign.size() == 1);
    CHECK(foreign[0].office == "shown");
    CHECK(foreign[0].seen.version == between.forks[0].fork.version);
  }
}

TEST_CASE("two views: a lie that gave way to the truth before the next record is found") {
  for (int number = 0; number < tries(2); ++number) {
    CAPTURE(number);
    LiveRealm realm(static_cast<std::uint64_t>(number));
    std::mt19937_64 random(static_cast<std::uint64_t>(number));
    const People people = change_people({}, random, 20);
    realm.publish(people);
    LiveOffice& office = realm.add_office("office");
    REQUIRE_FALSE(office.cycle().error);

    const TempDir lair;
    HttpClient client;
    const fs::path lies = other_view(realm, lair, change_people(people, random, 10));
    HttpFileSource lie(client, must(repository_url(lies.string())));
    REQUIRE_FALSE(office.sync_from(lie).error);
    const SeenDirectory shown = *office.open().seen_directory();
    for (int later = 0; later < 3; ++later) {
      realm.publish(change_people(people, random, 4 + later));
      static_cast<void>(office.cycle());  // a stream may wait until its versions are above the lie
    }
    REQUIRE(office.open().seen_directory()->version > shown.version);
    for (int record = 0; record < 2; ++record) {  // the second one says nothing new
      office.submit("visit", {{"name", "李四"}, {"people", 1}});
      static_cast<void>(office.cycle());
      realm.validate();
      const std::vector<platform::ForeignDirectory> foreign = found(realm);
      REQUIRE(foreign.size() == 1);
      CHECK(foreign[0].seen == shown);
    }
  }
}
