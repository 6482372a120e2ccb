// Lists of changes: what an office holds after them is what the full state would have given it.
#include "platform/source/csv_source.hpp"
#include "tests/platform/publish/world.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace rootlet::test;

namespace {

// The rows that turn `before` into `after`, in any order, some of them twice.
std::string list_of(const People& before, const People& after, std::mt19937_64& random) {
  std::vector<std::string> rows;
  for (const auto& [id, person] : after) {
    const auto held = before.find(id);
    if (held != before.end() && held->second == person) continue;
    const std::string end = "," + person.code + "," + person.members + "," + person.phone;
    rows.push_back("upsert," + id + end);
  }
  for (const auto& [id, person] : before) {
    if (!after.contains(id)) rows.push_back("delete," + id + ",,,");
  }
  std::ranges::shuffle(rows, random);
  std::string text = "change,id,code,members,phone\n";
  for (const std::string& row : rows) {
    // What came first does not count.
    if (random() % 4 == 0) text += "delete," + row.substr(7, row.find(',', 7) - 7) + ",,,\n";
    text += row + "\n";
  }
  return text;
}

Result<PublishReport> publish_list(World& world, const std::string& text, PublishOptions options) {
  const fs::path path = world.folder / "changes.csv";
  std::ofstream(path, std::ios::binary) << text;
  options.open_source = csv_file(path);
  options.is_change_list = true;
  return publish_dataset(world.live.realm(), "people", options, world.now());
}

PublishReport publish_list(World& world, const std::string& text) {
  return must(publish_list(world, text, {.accept_changes = 100}));
}

constexpr std::string_view kFour =
    "id,code,members,phone\na,1101,1,\nb,1101,2,\nc,1201,3,\nd,1201,4,\n";

}  // namespace

TEST_CASE("changes: lists and full states mixed at random lead to the same rows") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  World world;
  LiveOffice& office = world.add_office();
  People people;
  for (int round = 0; round < 14; ++round) {
    CAPTURE(round);
    const People before = people;
    people = change_people(people, random, round == 0 ? 200 : 1 + random() % 20);
    const std::string list = list_of(before, people, random);
    if (round > 0 && random() % 3 == 0) {
      world.publish(people);
    } else {
      const PublishReport report = publish_list(world, list);
      CHECK(report.rows == people.size());
    }
    office.synced();
    CHECK(office.rows() == rows_of(people, true));
    const PublishReport again = publish_list(world, list);
    CHECK(again.added + again.changed + again.removed == 0);
    CHECK(again.packs == 0);
  }
  CHECK(world.verify().problems.empty());
}

TEST_CASE("changes: a row moves to another partition, and one that is not there is counted") {
  World world;
  world.publish_text(kFour);
  const PublishReport report = publish_list(
      world, "id,change,code,members,phone\na,update,1201,1,\nx,delete,,,\nd,delete,,,\n");
  CHECK(report.before == 4);
  CHECK(report.rows == 3);
  CHECK(report.removed == 2);  // a in its old partition, and d
  CHECK(report.added == 1);
  CHECK(report.unchanged == 2);
  CHECK(report.not_there == 1);
}

TEST_CASE("changes: a list with mistakes names them and publishes nothing") {
  World world;
  world.publish_text(kFour);
  const auto error = [&](const std::string& text) {
    const Result<PublishReport> report = publish_list(world, text, {.accept_changes = 100});
    REQUIRE(report.has_error());
    return report.error().message;
  };
  CHECK(error("id,code,members,phone\na,1101,1,\n").find("a list of changes says in it") !=
        std::string::npos);
  CHECK(error("change,id,code,members,phone\nremove,a,,,\n")
            .find("line 2, column change: must be upsert or delete") != std::string::npos);
  CHECK(error("change,id,code,members,phone\ndelete,,1101,,\n").find("a key must not be empty") !=
        std::string::npos);
  CHECK(
      error("change,id,code,members,phone\nupsert,a,1101,many,\n").find("line 2, column members") !=
      std::string::npos);
  CHECK(must(dataset_versions(world.live.realm(), "people")).size() == 1);
}

TEST_CASE("changes: rows with mistakes are set aside, the others are published") {
  World world;
  world.publish_text(kFour);
  std::size_t aside = 0;
  PublishOptions options{.set_aside_percent = 60, .accept_changes = 100};
  options.save_set_aside = [&](const DatasetDefinition&, const std::vector<SetAsideRow>& rows) {
    aside = rows.size();
    return ok();
  };
  const PublishReport report = must(publish_list(
      world, "change,id,code,members,phone\nupsert,a,1101,many,\nupsert,b,1101,9,\n", options));
  CHECK(aside == 1);
  CHECK(report.changed == 1);
  CHECK(report.rows == 4);
}

TEST_CASE("changes: a list that removes too many rows is refused with the figures") {
  World world;
  world.publish_text(kFour);
  const PublishReport report = must(publish_list(
      world, "change,id,code,members,phone\ndelete,a,,,\ndelete,b,,,\n", {.accept_changes = 20}));
  CHECK(report.doubt == ChangeDoubt::kTooMany);
  CHECK(report.removed == 2);
  CHECK(report.before == 4);
}
