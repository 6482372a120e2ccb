// A mistake is taken back: the rows of an older version come back as a new one, at real offices.
#include "platform/source/csv_source.hpp"
#include "tests/platform/publish/world.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace rootlet::test;

namespace {

struct History {
  World world;
  std::map<Version, People> versions;  // by the dataset's version

  Version publish(const People& people) {
    const Version version = world.publish(people).version;
    versions[version] = people;
    return version;
  }
  PublishReport restore(Version version) {
    const PublishReport report = world.live.restore(version, versions.at(version));
    versions[report.version] = versions.at(version);
    return report;
  }
  std::vector<DatasetVersion> listed() {
    return must(dataset_versions(world.live.realm(), "people"));
  }
};

}  // namespace

TEST_CASE("restore: each of the last eight versions comes back exactly, at offices of any age") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  History history;
  LiveOffice& office = history.world.add_office();
  LiveOffice& sleeper = history.world.add_office();
  People people = change_people({}, random, 300);
  for (int publish = 0; publish < 20; ++publish) {
    history.publish(people);
    if (publish == 3) sleeper.synced();
    people = change_people(people, random, publish % 5 == 0 ? 200 : 1 + random() % 20);
  }
  office.synced();
  for (int round = 0; round < 16; ++round) {
    const std::vector<DatasetVersion> listed = history.listed();
    REQUIRE(listed.size() == 9);
    // Each place of the list comes up twice.
    const Version version = listed[static_cast<std::size_t>(round % 8)].number;
    CAPTURE(version);
    const PublishReport report = history.restore(version);
    office.synced();
    CHECK(office.rows() == rows_of(history.versions.at(version), true));
    CHECK(office.mismatch() == "");
    if (report.partitions > 0) {
      CHECK(report.version == listed.back().number + 1);
      CHECK(history.listed().back().restored == version);
    }
    if (round % 3 == 0) history.publish(change_people(people, random, 1 + random() % 30));
  }
  sleeper.synced();
  CHECK(sleeper.rows() == rows_of(history.versions.at(history.listed().back().number), true));
  CHECK(history.world.verify().problems.empty());
}

TEST_CASE("restore: an emptied dataset comes back, also after many more publishes of nothing") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  History history;
  LiveOffice& office = history.world.add_office();
  const People people = change_people({}, random, 300);
  Version last = 0;
  for (int publish = 0; publish < 8; ++publish) {  // the eighth version tidies the history
    last = history.publish(publish % 2 == 0 ? people : People());
  }
  CHECK(history.versions.at(last).empty());
  office.synced();
  CHECK(office.rows().empty());
  history.restore(last - 1);
  office.synced();
  CHECK(office.rows() == rows_of(people, true));
}

TEST_CASE("restore: it costs an office about what the mistake cost, not a snapshot") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  History history;
  People people;
  for (int i = 0; i < 2'000; ++i) {
    people["p" + std::to_string(i)] = {"1101", std::to_string(random() % 9),
                                       std::to_string(13'800'000'000 + random() % 100'000'000)};
  }
  const Version right = history.publish(people);
  LiveOffice& office = history.world.add_office();
  office.synced();
  for (int i = 0; i < 40; ++i) people["p" + std::to_string(i * 7)].members = "";
  const PublishReport mistake = history.world.publish(people);
  office.synced();
  office.link.forget();
  const PublishReport back = history.restore(right);
  office.synced();
  CHECK(office.rows() == rows_of(history.versions.at(right), true));
  CHECK(back.changed == 40);
  CHECK(back.bytes < 2 * mistake.bytes + 200);
  CHECK(office.link.times_asked_below("packs") <= 2);
}

TEST_CASE("restore: the next file is compared with the restored rows") {
  History history;
  const People right = {{"a", {"1101", "1", ""}}, {"b", {"1101", "2", ""}}};
  const People wrong = {{"a", {"1101", "7", ""}}, {"c", {"1201", "2", ""}}};
  const Version version = history.publish(right);
  history.publish(wrong);
  CHECK(history.restore(version).emptied == std::vector<std::string>{"12"});
  CHECK(history.world.publish(right).partitions == 0);
  const PublishReport again = history.world.publish(wrong);
  CHECK(again.changed == 1);
  CHECK(again.added == 1);
  CHECK(again.removed == 1);
}

TEST_CASE("restore: a version that is not kept is refused, and those that are kept are named") {
  History history;
  const People people = {{"a", {"1101", "1", ""}}};
  const Version only = history.publish(people);
  const auto restore = [&](Version version) {
    return publish_dataset(history.world.live.realm(), "people", {.restore = version},
                           history.world.now());
  };
  CHECK(code_of(restore(only + 1)) == ErrorCode::kUsage);
  CHECK(code_of(restore(0)) == ErrorCode::kUsage);
  for (int i = 0; i < 12; ++i) history.publish({{"a", {"1101", std::to_string(i + 2), ""}}});
  const Result<PublishReport> refused = restore(only);
  REQUIRE(refused.has_error());
  CHECK(refused.error().message.find("5, 6, 7, 8, 9, 10, 11, 12") != std::string::npos);
  CHECK(must(restore(13)).partitions == 0);  // the present one
}

TEST_CASE("restore: a dry run reports the change and writes nothing") {
  History history;
  const Version right = history.publish({{"a", {"1101", "1", ""}}});
  history.publish({{"a", {"1101", "2", ""}}});
  const PublishReport report =
      must(publish_dataset(history.world.live.realm(), "people",
                           {.restore = right, .dry_run = true}, history.world.now()));
  CHECK(report.changed == 1);
  CHECK(history.listed().size() == 2);
  CHECK(history.restore(right).changed == 1);
}
