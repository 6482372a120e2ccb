// Tests of registry.hpp and realm.hpp: all that is saved is loaded again, and other keys cannot
// open it.
#include "platform/realm/registry.hpp"

#include "platform/realm/realm.hpp"
#include "storage/database.hpp"
#include "sync/pack/table/directory.hpp"
#include "tests/support/support.hpp"
#include "tests/support/test_database.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace rootlet::test;

namespace {

UnixTime at(std::int64_t seconds) {
  return UnixTime{std::chrono::seconds(seconds)};
}

Hash256 hash_of(std::string_view text) {
  return sha256(as_bytes(text));
}

}  // namespace

TEST_CASE("registry: settings, keys, datasets and forms can be loaded again") {
  const TempDir folder;
  Realm realm = must(Realm::create(folder / "realm", test_database(folder.path())));
  Registry& registry = realm.registry();
  CHECK_FALSE(must(registry.setting("name")).has_value());
  CHECK(code_of(registry.needed_setting("name")) == ErrorCode::kStorageDamaged);
  must(registry.save_setting("name", "甲"));
  must(registry.save_setting("name", "乙"));
  CHECK(must(registry.needed_setting("name")) == "乙");

  const SymmetricKey key = SymmetricKey::random();
  must(registry.save_secret("targets", key));
  CHECK(must(registry.secret("targets")) == key);
  CHECK(must(registry.has_secret("targets")));
  CHECK_FALSE(must(registry.has_secret("grants")));
  CHECK(code_of(registry.secret("grants")) == ErrorCode::kStorageDamaged);
  CHECK_MESSAGE(registry.save_secret("targets", key).has_error(), "a key is never replaced");

  must(registry.save_dataset("villages", "{}"));
  must(registry.save_dataset("villages", "{1}"));
  CHECK(must(registry.dataset("villages")) == "{1}");
  must(registry.save_form({.id = "visit", .version = 1, .definition = "a"}));
  must(registry.save_form({.id = "visit", .version = 2, .definition = "b"}));
  const auto forms = must(registry.forms());
  REQUIRE(forms.size() == 1);
  CHECK(forms[0].definition == "b");
  CHECK(must(registry.form("visit", 1))->definition == "a");
}

TEST_CASE("registry: offices and grants can be loaded again with all fields") {
  const TempDir folder;
  Realm realm = must(Realm::create(folder / "realm", test_database(folder.path())));
  Registry& registry = realm.registry();
  must(registry.save_dataset("villages", "{}"));
  OfficeEntry office;
  office.id = "jiaxing";
  office.division = "3304";
  office.name = "嘉兴";
  office.token_hash = hash_of("token");
  office.token_until = at(100);
  must(registry.save_office(office));
  CHECK_FALSE(must(registry.office("jiaxing"))->signing_key.has_value());
  office.state = OfficeState::kEnrolled;
  office.signing_key = SigningKey::generate().public_key;
  office.sealing_key = SealingKey::generate().public_key;
  office.grant_version = 7;
  office.grant_bytes = 6;
  office.grant_hash = hash_of("sealed");
  office.grant_fingerprint = hash_of("says");
  must(registry.save_office(office));
  must(registry.save_grant_file(office, as_bytes("sealed")));
  const OfficeEntry held = *must(registry.office_of_token(hash_of("token")));
  CHECK(held.name == "嘉兴");
  CHECK(held.state == OfficeState::kEnrolled);
  CHECK(held.signing_key == office.signing_key);
  CHECK(held.sealing_key == office.sealing_key);
  CHECK(held.grant_version == 7);
  CHECK(held.grant_bytes == 6);
  CHECK(held.grant_hash == office.grant_hash);
  CHECK(must(registry.grant_file("jiaxing")) == to_bytes("sealed"));
  const std::vector<GrantFilePath> files = must(registry.grant_files());
  REQUIRE(files.size() == 1);
  CHECK(files[0].is_new);
  CHECK(files[0].path == grant_path(grant_token(*office.signing_key), 7));
  CHECK(files[0].before == grant_path(grant_token(*office.signing_key), 6));
  CHECK(held.grant_fingerprint == office.grant_fingerprint);

  const Grant grant{.dataset = "villages",
                    .divisions = {"3304", "all"},
                    .max_grade = 3,
                    .basis = "b",
                    .scenario = "s",
                    .purposes = {"x", "y"},
                    .mode = "masked",
                    .until = at(5),
                    .lease_days = 9,
                    .may_export = true,
                    .approver = "李",
                    .join = {"roster", "wages"}};
  must(registry.save_grant("jiaxing", grant));
  const auto grants = must(registry.grants_of("jiaxing"));
  REQUIRE(grants.size() == 1);
  CHECK(grants[0].divisions == grant.divisions);
  CHECK(grants[0].purposes == grant.purposes);
  CHECK(grants[0].mode == "masked");
  CHECK(grants[0].may_export);
  CHECK(grants[0].join == grant.join);
  CHECK(grants[0].until == at(5));
  CHECK(must(registry.divisions_named_for("villages")) == std::vector<std::string>{"3304", "all"});
  CHECK(must(registry.grants_ending(at(4), at(5))).size() == 1);
  CHECK(must(registry.grants_ending(at(5), at(9))).empty());
  CHECK(must(registry.remove_grant("jiaxing", "villages")));
  CHECK_FALSE(must(registry.remove_grant("jiaxing", "villages")));
  CHECK(must(registry.divisions_named_for("villages")).empty());
  CHECK(registry.save_grant("nobody", grant).has_error());
}

TEST_CASE("registry: streams, packs, keys, directory and metadata can be loaded again") {
  const TempDir folder;
  Realm realm = must(Realm::create(folder / "realm", test_database(folder.path())));
  Registry& registry = realm.registry();
  const StreamName name{"villages", "3304"};
  const StreamName whole{"villages", "all"};
  must(registry.save_content_key({whole, 1, 1, SymmetricKey::random()}));
  CHECK_MESSAGE(registry.save_content_key({whole, 1, 1, SymmetricKey::random()}).has_error(),
                "a content key is never replaced");
  must(registry.save_stream({name, 3, 1, 10, at(4), hash_of("d")}));
  const auto streams = must(registry.streams("villages"));
  REQUIRE(streams.size() == 1);
  CHECK(streams[0].version == 3);
  CHECK(streams[0].digest == hash_of("d"));
  CHECK(must(registry.streams("")).size() == 1);
  CHECK(must(registry.streams("other")).empty());

  PackEntry pack{.id = hash_of("p"),
                 .stream = name,
                 .from = 2,
                 .to = 3,
                 .file = 17,
                 .offset = 4,
                 .file_bytes = 300,
                 .header_bytes = 200};
  must(registry.save_pack(pack));
  pack.retired = at(9);
  must(registry.save_pack(pack));
  CHECK(must(registry.packs("villages")) == std::vector{pack});
  CHECK(must(registry.packs("")) == std::vector{pack});
  CHECK(must(registry.packs_of(name)) == std::vector{pack});
  CHECK(must(registry.packs_retired("villages", at(8))).empty());
  CHECK(must(registry.packs_retired("villages", at(9))) == std::vector{pack});
  PackFileEntry file{.dataset = "villages", .group = "3304", .file = 17};
  CHECK(must(registry.pack_files("")) == std::vector{file});
  CHECK(must(registry.packs_in(file)) == std::vector{pack});
  file.stamp = "1.2.3.4.";
  must(registry.save_pack_file(file));
  must(registry.save_pack(pack));  // the stamp stays
  CHECK(must(registry.pack_files("villages")) == std::vector{file});
  must(registry.remove_pack(pack));
  must(registry.remove_pack_file(file));
  CHECK(must(registry.packs("")).empty());
  CHECK(must(registry.pack_files("")).empty());

  DirectoryTables tree = registry.tree();
  DirectoryStream node{.name = node_stream("33"), .version = 4, .rows = 2, .is_present = true};
  must(tree.save_stream(node));
  CHECK(node.number > 0);
  CHECK(must(tree.nodes_below("all")).front().name == node.name);
  CHECK(must(tree.stream(node_stream("34"))).version == 0);
  pack = {.stream = node.name, .to = 4, .file = 7, .offset = 9, .file_bytes = 5};
  must(tree.save_pack(pack));
  must(tree.save_file({.group = "33", .file = 7, .stamp = "s"}));
  CHECK(must(tree.packs_of(node.name)).front() == pack);
  CHECK(must(tree.packs_in({.group = "33", .file = 7})).size() == 1);
  must(tree.note_unused_files(at(1)));
  CHECK(must(tree.files_in_use()).size() == 1);
  must(tree.remove_pack(pack));
  must(tree.note_unused_files(at(2)));
  CHECK(must(tree.files_in_use()).empty());
  CHECK(must(tree.files_unused_since(at(1))).empty());
  CHECK(must(tree.files_unused_since(at(2))).size() == 1);
  must(registry.touch_stream(name));
  must(registry.touch_stream(name));
  CHECK(must(tree.touched(Touched::kStream)).size() == 1);
  must(tree.forget_touched());
  CHECK(must(tree.touched(Touched::kStream)).empty());

  must(registry.save_metadata("root", {.version = 1, .file = to_bytes("1")}));
  must(registry.save_metadata("root", {.version = 2, .file = to_bytes("2")}));
  must(registry.save_metadata("snapshot", {.version = 1, .file = to_bytes("1")}));
  must(registry.save_metadata("snapshot", {.version = 2, .file = to_bytes("2")}));
  CHECK(must(registry.newest_metadata("root"))->version == 2);
  CHECK(must(registry.published_metadata()).size() == 3);  // both roots, one snapshot
}

TEST_CASE("realm: one that an older version made is refused in words") {
  const TempDir folder;
  const SymmetricKey key = SymmetricKey::random();
  {
    Database database = must(Database::open(folder / "platform.db", key));
    must(database.execute("CREATE TABLE settings(name TEXT PRIMARY KEY, value TEXT NOT NULL)"));
    must(database.execute("PRAGMA user_version=2"));
  }
  const Result<Registry> opened = Registry::open({.file = folder / "platform.db", .key = &key});
  REQUIRE(opened.has_error());
  CHECK(opened.error().code == ErrorCode::kUsage);
  CHECK(opened.error().message.find("older version") != std::string::npos);
}

TEST_CASE("registry: a file lists the packs of its group only") {
  const TempDir folder;
  Realm realm = must(Realm::create(folder / "realm", test_database(folder.path())));
  Registry& registry = realm.registry();
  for (const char* partition : {"33", "3304", "330402007", "3305", "all"}) {
    must(registry.save_pack({.stream = {"villages", partition}, .to = 1, .file = 17}));
  }
  const auto held = [&](const std::string& group) {
    std::vector<std::string> partitions;
    for (const PackEntry& pack : must(registry.packs_in({"villages", group, 17}))) {
      partitions.push_back(pack.stream.partition);
    }
    return partitions;
  };
  CHECK(held("33") == std::vector<std::string>{"33"});
  CHECK(held("3304") == std::vector<std::string>{"3304", "330402007"});
  CHECK(held("all") == std::vector<std::string>{"all"});
  CHECK(must(registry.pack_files("villages")).size() == 4);
}

TEST_CASE("registry: what lies below a division is found, and nothing beside it") {
  const TempDir folder;
  Realm realm = must(Realm::create(folder / "realm", test_database(folder.path())));
  Registry& registry = realm.registry();
  for (const char* partition : {"33", "3304", "330402007", "3305", "34", "all"}) {
    const StreamName name{"villages", partition};
    const std::uint32_t epoch = name.partition == "3305" ? 2 : 1;
    must(registry.save_stream({.name = name, .version = 1, .epoch = epoch}));
    must(registry.save_pack({.stream = name, .to = 1, .file = 17}));
  }
  const auto below = [&](const std::string& division) {
    std::vector<std::string> streams, packs;
    must(registry.visit_streams_below({"villages", division}, [&](const StreamEntry& stream) {
      streams.push_back(stream.name.partition);
      return ok();
    }));
    must(registry.visit_packs_below({"villages", division}, [&](const PackEntry& pack) {
      packs.push_back(pack.stream.partition);
      return ok();
    }));
    CHECK(streams == packs);
    return streams;
  };
  CHECK(below("all") == std::vector<std::string>{"33", "3304", "330402007", "3305", "34"});
  CHECK(below("33") == std::vector<std::string>{"3304", "330402007", "3305"});
  CHECK(below("3304") == std::vector<std::string>{"330402007"});
  CHECK(below("330402007").empty());
  CHECK(must(registry.epochs_in({"villages", "3304"})) == std::set<std::uint32_t>{1});
  CHECK(must(registry.epochs_in({"villages", "33"})) == std::set<std::uint32_t>{1, 2});
  CHECK(must(registry.epochs_in({"others", "all"})).empty());
}

TEST_CASE("registry: numbers for files follow the clock, and go on when it stands still or back") {
  const TempDir folder;
  Realm realm = must(Realm::create(folder / "realm", test_database(folder.path())));
  Registry& registry = realm.registry();
  CHECK(must(registry.next_file_number(at(1'000))) == 1'000);
  CHECK(must(registry.next_file_number(at(1'000))) == 1'001);
  CHECK(must(registry.next_file_number(at(10))) == 1'002);
  CHECK(must(registry.next_file_number(at(2'000))) == 2'000);
}

TEST_CASE("realm: needs an empty folder, a private key file, and one writer at a time") {
  const TempDir folder;
  CHECK(code_of(Realm::open(folder.path())) == ErrorCode::kUsage);
  {
    const Realm realm = must(Realm::create(folder / "realm", test_database(folder.path())));
    CHECK(must(read_file(realm.folder().key(), 100)).size() == 32);
  }
  CHECK(code_of(Realm::create(folder / "realm", test_database(folder.path()))) ==
        ErrorCode::kUsage);
  const Realm realm = must(Realm::open(folder / "realm"));
  {
    const FileLock lock = must(lock_realm(realm.folder()));
    CHECK(code_of(lock_realm(realm.folder(), std::chrono::milliseconds(10))) == ErrorCode::kBusy);
  }
  must(lock_realm(realm.folder(), std::chrono::milliseconds(10)));
  must(write_file_atomically(realm.folder().key(), random_bytes(32), FileMode::kPrivate));
  CHECK(code_of(Realm::open(folder / "realm")) == ErrorCode::kStorageDamaged);
  must(write_file_atomically(realm.folder().key(), random_bytes(32), FileMode::kPublic));
  CHECK(code_of(Realm::open(folder / "realm")) == ErrorCode::kUsage);
}
