// A file that would remove or change too much is refused before anything is written.
#include "platform/source/csv_source.hpp"
#include "tests/platform/publish/world.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace rootlet::test;

namespace {

People many_people() {
  People people;
  for (int i = 100; i < 200; ++i) {
    people["p" + std::to_string(i)] = {i % 2 == 0 ? "1101" : "1201", "3", "13800000000"};
  }
  return people;
}

struct Guarded {
  World world;

  PublishReport publish(const People& people, std::optional<int> accept = {},
                        bool dry_run = false) {
    const auto csv = world.folder / "guarded.csv";
    write_people(csv, people);
    return must(publish_dataset(
        world.live.realm(), "people",
        {.open_source = csv_file(csv), .accept_changes = accept, .dry_run = dry_run}, world.now()));
  }
  // Everything that a publish writes, apart from times of files.
  std::map<std::string, std::uint64_t> written() {
    std::map<std::string, std::uint64_t> found;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(world.live.repository())) {
      if (entry.is_regular_file()) found[entry.path().string()] = entry.file_size();
    }
    for (const StreamEntry& stream : must(world.registry().streams("people"))) {
      found[stream.name.text() + to_hex(stream.digest)] = stream.version;
    }
    found["keys"] = must(world.registry().content_keys("people")).size();
    found["versions"] = must(dataset_versions(world.live.realm(), "people")).size();
    return found;
  }
};

}  // namespace

TEST_CASE("publish: a file without rows is refused with the figures, and nothing is written") {
  Guarded guarded;
  CHECK(guarded.publish(many_people()).doubt == ChangeDoubt::kNone);
  LiveOffice& office = guarded.world.add_office();
  office.synced();
  const auto before = guarded.written();
  for (const bool dry_run : {true, false}) {
    const PublishReport refused = guarded.publish({}, {}, dry_run);
    CHECK(refused.doubt == ChangeDoubt::kEmpty);
    CHECK(refused.before == 100);
    CHECK(refused.removed == 100);
    CHECK(refused.rows == 0);
    CHECK(refused.emptied == std::vector<std::string>{"11", "12"});
    CHECK(guarded.written() == before);
  }
  office.synced();
  CHECK(office.rows().size() == 100);
  CHECK(guarded.publish({}, 100).removed == 100);
}

TEST_CASE("publish: the first file has no limit, and an empty one is published as empty") {
  Guarded guarded;
  const PublishReport first = guarded.publish({});
  CHECK(first.doubt == ChangeDoubt::kNone);
  CHECK(first.rows == 0);
  CHECK(guarded.publish(many_people()).added == 100);
}

TEST_CASE("publish: a change above the share needs that share to be accepted") {
  Guarded guarded;
  People people = many_people();
  guarded.publish(people);
  for (int i = 100; i < 115; ++i) people["p" + std::to_string(i)].members = "4";
  for (int i = 115; i < 121; ++i) people.erase("p" + std::to_string(i));
  people["new"] = {"1301", "1", ""};
  const PublishReport refused = guarded.publish(people);
  CHECK(refused.doubt == ChangeDoubt::kTooMany);
  CHECK(refused.changed == 15);
  CHECK(refused.removed == 6);
  CHECK(refused.added == 1);
  CHECK(refused.figures().needed_percent() == 21);
  CHECK(guarded.publish(people, 20).doubt == ChangeDoubt::kTooMany);
  CHECK(must(guarded.world.registry().content_keys("people")).size() == 2);
  CHECK(guarded.publish(people, 21).doubt == ChangeDoubt::kNone);
  CHECK(guarded.publish(people).unchanged == 95);
}

TEST_CASE("publish: a file whose keys are all new ones is refused") {
  Guarded guarded;
  guarded.publish(many_people());
  People renamed;
  for (const auto& [id, person] : many_people()) renamed["0" + id] = person;
  const PublishReport refused = guarded.publish(renamed, 99);
  CHECK(refused.doubt == ChangeDoubt::kOtherKeys);
  CHECK(refused.added == 100);
  CHECK(guarded.publish(renamed, 100).doubt == ChangeDoubt::kNone);
}

TEST_CASE("publish: every line with other bytes but equal rows is no change") {
  Guarded guarded;
  guarded.publish(many_people());
  std::string text = "id,code,members,phone\r\n";
  for (const auto& [id, person] : many_people()) {
    text += id + "," + person.code + "," + person.members + ",\"" + person.phone + "\"\r\n";
  }
  const auto csv = guarded.world.folder / "other.csv";
  std::ofstream(csv, std::ios::binary) << text;
  const PublishReport report = must(publish_dataset(
      guarded.world.live.realm(), "people", {.open_source = csv_file(csv)}, guarded.world.now()));
  CHECK(report.doubt == ChangeDoubt::kNone);
  CHECK(report.partitions == 0);
}
