// Publishing: what an office gets of it, version by version.
#include "platform/office/catalogue.hpp"
#include "platform/source/csv_source.hpp"
#include "tests/platform/publish/world.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace rootlet::test;

TEST_CASE("publish: offices that come each time, now and then, or last hold the same rows") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  World world;
  LiveOffice& always = world.add_office();
  LiveOffice& seldom = world.add_office();
  People people;
  for (int round = 0; round < 12; ++round) {
    CAPTURE(round);
    people = change_people(people, random, round == 0 ? 300 : 1 + random() % 30);
    world.publish(people);
    always.synced();
    CHECK(always.rows() == rows_of(people, true));
    if (random() % 4 == 0) {
      seldom.synced();
      CHECK(seldom.rows() == rows_of(people, true));
    }
  }
  seldom.synced();
  LiveOffice& late = world.add_office();
  late.synced();
  CHECK(seldom.rows() == rows_of(people, true));
  CHECK(late.rows() == rows_of(people, true));
  CHECK(world.verify().problems.empty());
}

TEST_CASE("publish: counts, versions and packs are those of the change") {
  World world;
  People people{
      {"a", {"1101", "1", "13800000000"}}, {"b", {"1101", "2", ""}}, {"c", {"1201", "", ""}}};
  const PublishReport first = world.publish(people);
  CHECK(first.added == 3);
  CHECK(first.partitions == 2);
  CHECK(first.packs == 2);
  CHECK(first.rows == 3);
  const PublishReport same = world.publish(people);
  CHECK(same.partitions == 0);
  CHECK(same.packs == 0);

  LiveOffice& office = world.add_office();
  office.synced();
  CHECK(office.versions().at("11") == 1);
  people["a"].phone = "13900000000";  // 138****0000 becomes 139****0000
  people["c"].code = "1102";          // moves to another partition
  const PublishReport second = world.publish(people);
  CHECK(second.changed == 1);
  CHECK(second.added == 1);
  CHECK(second.removed == 1);
  office.synced();
  CHECK(office.versions().at("11") == 2);
  CHECK(office.versions().at("12") == 2);
  CHECK(office.rows() == rows_of(people, true));
  world.publish({});
  office.synced();
  CHECK(office.rows().empty());
}

TEST_CASE("publish: a dry run reports the same and leaves no trace") {
  World world;
  const auto bytes_below = [&](const fs::path& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file() && !entry.path().string().ends_with("-shm") &&
          !entry.path().string().ends_with("-wal") && entry.path().filename() != "realm.lock") {
        files[entry.path().string()] = must(read_text_file(entry.path(), 1 << 26));
      }
    }
    return files;
  };
  const People people{{"a", {"1101", "1", ""}}, {"b", {"1201", "2", ""}}};
  const auto before = bytes_below(world.live.path());
  const PublishReport told = world.publish(people, true);
  CHECK(told.added == 2);
  CHECK(told.packs == 2);
  CHECK(told.dry_run);
  CHECK(bytes_below(world.live.path()) == before);
  CHECK(world.publish(people).added == told.added);
  const auto published = bytes_below(world.live.repository());
  CHECK(world.publish({}, true).removed == 2);
  CHECK(bytes_below(world.live.repository()) == published);
  CHECK(world.publish(people).partitions == 0);
}

TEST_CASE("publish: an unchanged row is not read again") {
  World world;
  People people;
  for (int i = 0; i < 500; ++i) {
    people["p" + std::to_string(i)] = {std::to_string(11 + i % 4) + "01", "1", ""};
  }
  CHECK(world.publish(people).unchanged == 0);
  const PublishReport same = world.publish(people);
  CHECK(same.unchanged == 500);
  CHECK(same.rows == 500);
  CHECK(same.partitions == 0);
  people["p7"].members = "2";
  people["p8"].code = "1201";  // moves
  people.erase("p9");
  people["q1"] = {"1501", "3", ""};  // a partition that is new
  CHECK(world.publish(people, true).unchanged == 497);
  const PublishReport next = world.publish(people);
  CHECK(next.unchanged == 497);
  CHECK(next.rows == 500);
  CHECK(next.changed == 1);
  CHECK(next.added == 2);
  CHECK(next.removed == 2);
  CHECK(world.publish(people).unchanged == 500);
  LiveOffice& office = world.add_office();
  office.synced();
  CHECK(office.rows() == rows_of(people, true));

  // The same rows in another notation are read once more, and are unchanged from then on.
  const auto otherwise = [&](std::string_view header) {
    std::string csv(header);
    for (const auto& [id, person] : people) {
      csv += '"' + id + "\"," + person.code + ',' + person.members + ',' + person.phone + "\r\n";
    }
    return csv;
  };
  for (const std::string_view header : {"id,code,members,phone\n", "id,code,\"members\",phone\n"}) {
    const PublishReport anew = world.publish_text(otherwise(header));
    CHECK(anew.unchanged == 0);
    CHECK(anew.partitions == 0);
    CHECK(anew.rows == 500);
    CHECK(world.publish_text(otherwise(header)).unchanged == 500);
  }
}

TEST_CASE("publish: a key is unique in the whole dataset, unchanged rows included") {
  World world;
  const People people{{"a", {"1101", "1", ""}}, {"b", {"1201", "2", ""}}};
  world.publish(people);
  const std::string file = "phone,members,code,id\n,1,1101,a\n,2,1201,b\n";
  CHECK(world.publish_text(file).unchanged == 2);
  for (const std::string_view twice : {",1,1101,a\n", ",7,1101,a\n", ",7,1301,a\n"}) {
    const Error error = world.refused(file + std::string(twice));
    CHECK(error.code == ErrorCode::kBadInput);
    CHECK(error.message.find("line 4: the same key as in line 2") != std::string::npos);
  }
  CHECK(world.publish(people).unchanged == 2);
}

TEST_CASE("publish: a file with a mistake changes nothing") {
  World world;
  const People people{{"a", {"1101", "1", ""}}};
  world.publish(people);
  const Error error = world.refused("id,code,members,phone\nb,1101,2,\nc,1101,many,\n");
  CHECK(error.code == ErrorCode::kBadInput);
  CHECK(error.field == "line 3, column members");
  CHECK(world.publish(people).partitions == 0);
}

TEST_CASE("publish: a dataset that is not shared is never published, an unknown one is named") {
  World world;
  std::string text(kPeople);
  const auto replace = [&](std::string_view from, std::string_view to) {
    text.replace(text.find(from), from.size(), to);
  };
  replace("\"people\"", "\"secret\"");
  replace(R"("attribute": "conditional", "scope": "s", "uses": ["care", "census"])",
          R"("attribute": "not_shared", "reason": "r", "basis": "b")");
  Realm& realm = world.live.realm();
  must(add_dataset(realm, must(DatasetDefinition::parse(text, "s.json")), world.now()));
  write_people(world.folder / "people.csv", {{"a", {"1101", "1", ""}}});
  const PublishOptions options{.open_source = csv_file(world.folder / "people.csv")};
  CHECK(code_of(publish_dataset(realm, "secret", options, world.now())) ==
        ErrorCode::kNotPermitted);
  CHECK(code_of(publish_dataset(realm, "nothing", options, world.now())) == ErrorCode::kUsage);
}

TEST_CASE("publish: a mask that hides a change hides that there was one") {
  World world;
  People people{{"a", {"1101", "1", "13800001234"}}};
  world.publish(people);
  people["a"].phone = "13811111234";  // 138****1234 as before
  world.publish(people);
  LiveOffice& office = world.add_office();
  office.synced();
  CHECK(office.versions().at("11") == 2);
  CHECK(office.rows() == rows_of(people, true));
}

TEST_CASE("verify: damage anywhere is found and named") {
  World world;
  world.publish({{"a", {"1101", "1", ""}}, {"b", {"1201", "2", ""}}});
  CHECK(world.verify().problems.empty());
  const fs::path repository = world.live.repository();
  const auto flip = [&](const fs::path& path) {
    Bytes bytes = must(read_file(path, 1 << 20));
    bytes[world.live_byte(path)] ^= 1;
    must(write_file_atomically(path, bytes));
  };
  std::size_t checked = 0;
  for (const auto& entry : fs::recursive_directory_iterator(repository)) {
    if (!entry.is_regular_file() || !world.is_current(entry.path())) continue;
    CAPTURE(entry.path().string());
    flip(entry.path());
    CHECK_FALSE(world.verify().problems.empty());
    flip(entry.path());
    ++checked;
  }
  CHECK(checked >= 10);  // seven roles, nodes, news, two data packs
  CHECK(world.verify().problems.empty());
}

TEST_CASE("metadata: signed again before it grows old, with the version counting up") {
  World world;
  Realm& realm = world.live.realm();
  CHECK_FALSE(must(renew_repository(realm, world.now())));
  const auto version = [&](std::string_view role) {
    return must(realm.serving().metadata().newest(role))->version;
  };
  const auto timestamp = version("timestamp"), snapshot = version("snapshot");
  CHECK(must(renew_repository(realm, world.now() + std::chrono::hours(25))));
  CHECK(version("timestamp") == timestamp + 1);
  CHECK(version("snapshot") == snapshot);
  CHECK(must(renew_repository(realm, world.now() + std::chrono::days(25))));
  CHECK(version("snapshot") == snapshot + 1);
  CHECK(world.verify().problems.empty());
}
