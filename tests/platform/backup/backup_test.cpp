// A realm that is lost and restored: offices that saw more than the backup go on, and no record is
// lost in silence.
#include "platform/backup/realm_backup.hpp"
#include "platform/backup/realm_restore.hpp"
#include "platform/backup/sealed_file.hpp"
#include "platform/keys/key_rotation.hpp"
#include "platform/realm/realm_key.hpp"
#include "tests/platform/keys/holders.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPhrase = "the backup's passphrase";

void must_cycle(LiveRealm& realm, LiveOffice& office) {
  for (int pass = 0; pass < 3; ++pass) {  // records up, answers down
    const agent::CycleResult result = office.cycle();
    if (result.error) FAIL(office.id() << ": " << result.error->message);
    realm.validate();
  }
}

void back_up(LiveRealm& realm, const fs::path& file) {
  must(platform::back_up_realm(realm.realm(), file, kPhrase));
}

// The realm's folder burns, and the backup takes its place.
platform::RestoreReport lose_and_restore(LiveRealm& realm, const fs::path& file,
                                         const fs::path& newer = {}) {
  realm.close();
  fs::remove_all(realm.path());
  return must(platform::restore_realm(file, kPhrase, realm.path(), newer, {}, realm.clock.wall()));
}

std::set<std::string> names_at_platform(LiveRealm& realm, const std::string& office) {
  std::set<std::string> names;
  for (const platform::IntakeRecord& record : realm.records_of(office)) {
    names.insert(std::string(record.record.values.at("name").as_string()));
  }
  return names;
}

struct Scene {
  LiveRealm realm{9};
  std::mt19937_64 random{9};
  People people = change_people({}, random, 80);
  TempDir shelf;
  fs::path file = shelf / "realm.backup";
  LiveOffice* early = nullptr;  // sees nothing between the backup and the loss
  LiveOffice* office = nullptr;

  Scene() {
    realm.publish(people);
    early = &realm.add_office("early");
    office = &realm.add_office("office", {"all"}, 3);
    must_cycle(realm, *early);
    must_cycle(realm, *office);
  }
  void publish_more(int times) {
    for (; times > 0; --times) {
      realm.publish(people = change_people(people, random, 6));
      must_cycle(realm, *office);
    }
  }
  void check_all_well() {
    realm.publish(people);
    LiveOffice& late = realm.add_office("late");
    for (LiveOffice* one : {early, office, &late}) {
      must_cycle(realm, *one);
      CHECK(one->mismatch() == "");
      CHECK(one->rows().size() == people.size());
    }
    CHECK(late.rows() == rows_of(people, true));
    CHECK(early->rows() == rows_of(people, true));
    CHECK(realm.verify().problems.empty());
  }
};

}  // namespace

TEST_CASE("restore: offices that saw more than the backup go on, and get what is published next") {
  Scene scene;
  scene.publish_more(2);
  const People then = scene.people;
  back_up(scene.realm, scene.file);
  scene.publish_more(7);
  scene.realm.suspend("early");  // new content keys, which the backup does not have
  scene.realm.suspend("early", false);
  must_cycle(scene.realm, *scene.office);

  const platform::RestoreReport report = lose_and_restore(scene.realm, scene.file);
  CHECK(report.streams == 4);
  CHECK(report.foreign_roles.empty());
  CHECK(scene.realm.verify().problems.empty());
  must_cycle(scene.realm, *scene.office);
  CHECK(scene.office->rows().size() == then.size());  // what the realm knows now
  must_cycle(scene.realm, *scene.early);
  CHECK(scene.early->rows() == rows_of(then, true));
  scene.check_all_well();
}

TEST_CASE("restore: a realm that was restored twice goes above both lives") {
  Scene scene;
  back_up(scene.realm, scene.file);
  scene.publish_more(2);
  lose_and_restore(scene.realm, scene.file);
  scene.publish_more(2);
  // Of the restored realm, so that it stands above it.
  back_up(scene.realm, scene.shelf / "second.backup");
  scene.publish_more(1);
  lose_and_restore(scene.realm, scene.shelf / "second.backup");
  scene.check_all_well();
}

TEST_CASE("restore: records that arrived after the backup come again, and none is doubled") {
  Scene scene;
  scene.office->submit(kVisit, {{"name", "before"}, {"people", 1}});
  must_cycle(scene.realm, *scene.office);
  back_up(scene.realm, scene.file);
  for (const char* name : {"one", "two"}) {
    scene.office->submit(kVisit, {{"name", name}, {"people", 2}});
    must_cycle(scene.realm, *scene.office);  // received, accepted and answered
  }
  scene.office->submit(kClaim, {{"name", "undecided"}, {"people", 2}});
  must_cycle(scene.realm, *scene.office);
  const std::set<std::string> all{"before", "one", "two", "undecided"};
  CHECK(names_at_platform(scene.realm, "office") == all);

  lose_and_restore(scene.realm, scene.file);
  CHECK(names_at_platform(scene.realm, "office") == std::set<std::string>{"before"});
  // The next record brings the others along: the platform asks for the batches that it lacks.
  scene.office->submit(kVisit, {{"name", "after"}, {"people", 1}});
  must_cycle(scene.realm, *scene.office);
  std::set<std::string> expected = all;
  expected.insert("after");
  CHECK(names_at_platform(scene.realm, "office") == expected);
  CHECK(scene.realm.records_of("office").size() == expected.size());
  for (const RecordSummary& record : scene.office->records()) {
    CHECK(record.state != RecordState::kSealed);
  }
}

TEST_CASE("restore: a later copy of the repository brings roots, and says which keys are missing") {
  Scene scene;
  back_up(scene.realm, scene.file);
  sign_and_publish(scene.realm,
                   must(platform::prepare_online_keys(scene.realm.realm(), {"timestamp"})));
  scene.publish_more(2);
  const fs::path mirror = scene.shelf / "mirror";
  fs::copy(scene.realm.repository(), mirror, fs::copy_options::recursive);

  const platform::RestoreReport report = lose_and_restore(scene.realm, scene.file, mirror);
  CHECK(report.root_version == 2);
  CHECK(report.foreign_roles == std::vector<std::string>{"timestamp"});
  CHECK(scene.office->cycle().error.has_value());  // until root keys name the key that is here
  sign_and_publish(scene.realm,
                   must(platform::prepare_online_keys(scene.realm.realm(), {"timestamp"})));
  scene.check_all_well();
}

TEST_CASE(
    "restore: a wrong passphrase, a folder with something in it, and the file are all refused") {
  Scene scene;
  back_up(scene.realm, scene.file);
  CHECK(code_of(platform::back_up_realm(scene.realm.realm(), scene.file, kPhrase)) ==
        ErrorCode::kUsage);
  const auto restored = [&](std::string_view phrase, const fs::path& folder) {
    return platform::restore_realm(scene.file, phrase, folder, {}, {}, scene.realm.clock.wall());
  };
  CHECK(code_of(restored("another passphrase", scene.shelf / "a")) == ErrorCode::kUntrusted);
  CHECK_FALSE(fs::exists(scene.shelf / "a"));
  CHECK(code_of(restored(kPhrase, scene.realm.path())) == ErrorCode::kUsage);
}

TEST_CASE("backup: a file that was cut, changed or lengthened anywhere does not open") {
  const TempDir folder;
  const fs::path path = folder / "sealed";
  {
    platform::SealedWriter writer = must(platform::SealedWriter::open(path, kPhrase));
    const Bytes much(2'500'000, 7);
    must(writer.write(much));
    must(writer.finish());
  }
  const Bytes whole = must(read_file(path, 10'000'000));
  const auto opens = [&](const Bytes& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<long>(bytes.size()));
    Result<platform::SealedReader> reader = platform::SealedReader::open(path, kPhrase);
    if (reader.has_error()) return false;
    const Result<Bytes> read = reader.value().read(2'500'000);
    return read.has_value() && reader.value().expect_end().has_value();
  };
  CHECK(opens(whole));
  const std::size_t piece = 4 + 40 + 1024 * 1024, start = 20;
  for (const std::size_t cut : {std::size_t{0}, std::size_t{3}, start, start + 2, start + piece,
                                start + 2 * piece, whole.size() - 1}) {
    CHECK_FALSE(opens(Bytes(whole.begin(), whole.begin() + static_cast<long>(cut))));
  }
  for (const std::size_t at :
       {std::size_t{5}, start + 1, start + 100, start + piece + 50, whole.size() - 1}) {
    Bytes changed = whole;
    changed[at] ^= 1;
    CHECK_FALSE(opens(changed));
  }
  Bytes longer = whole;
  longer.push_back(0);
  CHECK_FALSE(opens(longer));
  Bytes swapped = whole;  // the first two pieces
  std::swap_ranges(swapped.begin() + static_cast<long>(start),
                   swapped.begin() + static_cast<long>(start + piece),
                   swapped.begin() + static_cast<long>(start + piece));
  CHECK_FALSE(opens(swapped));
}

TEST_CASE("backup: that of a locked realm is restored without what locked it") {
  Scene scene;
  const fs::path key = platform::RealmFolder{scene.realm.path()}.key();
  must(platform::lock_realm_key(key, scene.realm.realm().key(), "correct horse battery"));
  back_up(scene.realm, scene.file);
  lose_and_restore(scene.realm, scene.file);
  CHECK(fs::file_size(key) == 32);
  CHECK(platform::Realm::open(scene.realm.path()).has_value());
}
