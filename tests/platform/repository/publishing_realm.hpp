// A realm that publishes the dataset "people", cut by counties, without any office (with offices:
// tests/realm/world).
#pragma once

#include <optional>

#include "platform/office/catalogue.hpp"
#include "platform/office/membership.hpp"
#include "platform/office/realm_init.hpp"
#include "platform/publish/publisher.hpp"
#include "platform/publish/verification.hpp"
#include "platform/source/csv_source.hpp"
#include "tests/realm/world/people.hpp"
#include "tests/support/test_database.hpp"

namespace rootlet::test {

class PublishingRealm {
 public:
  // Made once and copied, because root keys take their time (Argon2).
  PublishingRealm() {
    static const TempDir kMade;
    const auto made = kMade / "realm";
    if (!fs::exists(made)) {
      must(platform::init_realm(made, {.name = "Test", .database = test_database(made)},
                                {"correct horse 1", "correct horse 2", "correct horse 3"},
                                clock.wall()));
      platform::Realm realm = must(platform::Realm::open(made));
      must(platform::add_dataset(realm, people_by_county(), clock.wall()));
    }
    fs::copy(made, path(), fs::copy_options::recursive);
  }

  platform::PublishReport publish(const People& people) {
    return must(try_publish(realm(), people));
  }
  Result<platform::PublishReport> try_publish(platform::Realm& realm, const People& people) {
    write_people(folder_ / "people.csv", people);
    return platform::publish_dataset(
        realm, "people",
        {.open_source = platform::csv_file(folder_ / "people.csv"), .accept_changes = 100},
        clock.wall());
  }
  // Grants the dataset in `division` to a new office.
  void add_office(const std::string& id, const std::string& division) {
    must(platform::invite_office(realm(), {.id = id, .division = division, .name = id},
                                 clock.wall()));
    Grant grant;
    grant.dataset = "people";
    grant.divisions = {division};
    grant.basis = grant.scenario = grant.approver = "test";
    grant.purposes = {"care"};
    grant.until = clock.wall() + std::chrono::days(365);
    must(platform::add_grant(realm(), id, grant, platform::CoverageRule::kAnyway, clock.wall()));
  }
  std::vector<std::string> problems() {
    return must(platform::verify_realm(realm(), clock)).problems;
  }

  platform::Realm& realm() {
    if (!realm_) realm_.emplace(must(platform::Realm::open(path())));
    return *realm_;
  }
  platform::Registry& registry() { return realm().registry(); }
  void close() { realm_.reset(); }
  fs::path path() const { return folder_ / "realm"; }
  fs::path repository() const { return path() / "repository"; }

  FakeClock clock;

 private:
  static DatasetDefinition people_by_county() {
    std::string text(kPeople);
    const std::string_view digits = "\"digits\": 2";
    text.replace(text.find(digits), digits.size(), "\"digits\": 6");
    return must(DatasetDefinition::parse(text, "people.json"));
  }
  TempDir folder_;
  std::optional<platform::Realm> realm_;
};

}  // namespace rootlet::test
