// Tests of registry.hpp and realm.hpp: all that is saved is loaded again, and other keys cannot
// open it.
#include "platform/realm/registry.hpp"

#include "platform/realm/realm.hpp"
#include "tests/support/support.hpp"

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
  Realm realm = must(Realm::create(folder / "realm"));
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
  Realm realm = must(Realm::create(folder / "realm"));
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
  office.grant_file = to_bytes("sealed");
  office.grant_fingerprint = hash_of("says");
  must(registry.save_office(office));
  const OfficeEntry held = *must(registry.office_of_token(hash_of("token")));
  CHECK(held.name == "嘉兴");
  CHECK(held.state == OfficeState::kEnrolled);
  CHECK(held.signing_key == office.signing_key);
  CHECK(held.sealing_key == office.sealing_key);
  CHECK(held.grant_version == 7);
  CHECK(held.grant_file == office.grant_file);
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
                    .approver = "李"};
  must(registry.save_grant("jiaxing", grant));
  const auto grants = must(registry.grants_of("jiaxing"));
  REQUIRE(grants.size() == 1);
  CHECK(grants[0].divisions == grant.divisions);
  CHECK(grants[0].purposes == grant.purposes);
  CHECK(grants[0].mode == "masked");
  CHECK(grants[0].may_export);
  CHECK(grants[0].until == at(5));
  CHECK(must(registry.remove_grant("jiaxing", "villages")));
  CHECK_FALSE(must(registry.remove_grant("jiaxing", "villages")));
  CHECK(registry.save_grant("nobody", grant).has_error());
}

TEST_CASE("registry: streams, packs, keys, directory and metadata can be loaded again") {
  const TempDir folder;
  Realm realm = must(Realm::create(folder / "realm"));
  Registry& registry = realm.registry();
  const StreamName name{"villages", "3304"};
  must(registry.save_content_key({name, 1, 1, SymmetricKey::random()}));
  CHECK_MESSAGE(registry.save_content_key({name, 1, 1, SymmetricKey::random()}).has_error(),
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
                 .file_bytes = 300,
                 .header_bytes = 200};
  must(registry.save_pack(pack));
  pack.retired = at(9);
  must(registry.save_pack(pack));
  const auto packs = must(registry.packs("villages"));
  REQUIRE(packs.size() == 1);
  CHECK(packs[0].retired == at(9));
  must(registry.remove_pack(pack.id));
  CHECK(must(registry.packs("")).empty());

  const DirectoryRow row{.kind = DirectoryKind::kStream,
                         .id = "villages/3304",
                         .a = 1,
                         .b = 2,
                         .size = 3,
                         .time = 4,
                         .hash = std::string("\0\xFF", 2),
                         .body = "x"};
  must(registry.save_directory_row(5, row));
  CHECK(must(registry.directory_rows()) == std::map<Rid, DirectoryRow>{{5, row}});

  must(registry.save_metadata("root", {.version = 1, .file = to_bytes("1")}));
  must(registry.save_metadata("root", {.version = 2, .file = to_bytes("2")}));
  must(registry.save_metadata("snapshot", {.version = 1, .file = to_bytes("1")}));
  must(registry.save_metadata("snapshot", {.version = 2, .file = to_bytes("2")}));
  CHECK(must(registry.newest_metadata("root"))->version == 2);
  CHECK(must(registry.published_metadata()).size() == 3);  // both roots, one snapshot
}

TEST_CASE("realm: needs an empty folder, a private key file, and one writer at a time") {
  const TempDir folder;
  CHECK(code_of(Realm::open(folder.path())) == ErrorCode::kUsage);
  {
    const Realm realm = must(Realm::create(folder / "realm"));
    CHECK(must(read_file(realm.folder().key(), 100)).size() == 32);
  }
  CHECK(code_of(Realm::create(folder / "realm")) == ErrorCode::kUsage);
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
