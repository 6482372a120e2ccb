// Witnesses through the life of a realm: an honest one makes no alarm, and a power cut or a mirror
// that plays with the files costs nothing and accuses nobody.
#include <fstream>

#include "platform/backup/realm_backup.hpp"
#include "platform/backup/realm_restore.hpp"
#include "platform/keys/key_rotation.hpp"
#include "platform/keys/recovery.hpp"
#include "platform/office/realm_init.hpp"
#include "tests/platform/keys/holders.hpp"
#include "tests/realm/world/witness.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

namespace fs = std::filesystem;

struct Life {
  LiveRealm realm{5};
  std::mt19937_64 random{5};
  People people = change_people({}, random, 40);
  LiveOffice* office = nullptr;
  LiveWitness witness{realm, "steady"};

  Life() {
    realm.publish(people);
    office = &realm.add_office("office");
    step();
  }
  void publish() {
    realm.publish(people = change_people(people, random, 5));
    step();
  }
  void step() {
    must(witness.watch(realm.repository()));
    for (int pass = 0; pass < 2; ++pass) REQUIRE_FALSE(office->cycle().error);
    realm.clock.pass(std::chrono::hours(20));
  }
  void recover_all() {
    must(platform::note_theft(realm.realm(), must(platform::theft_of(realm.realm(), {"all"}, {}))));
    const auto state = [&] {
      const auto theft = must(platform::noted_theft(realm.realm().registry()));
      return must(platform::recovery_state(realm.realm(), *theft));
    };
    sign_and_publish(realm, must(platform::recovery_root(realm.realm(), state())));
    must(platform::recover_roles(realm.realm(), state(), realm.clock.wall()));
    must(platform::recover_content(realm.realm(), state(), realm.clock.wall()));
  }
  std::string log() const {
    return must(read_text_file(witness.folder() / "public" / "sightings", 1 << 20));
  }
  fs::path newest_directory() const {
    fs::path newest;
    for (const auto& file : fs::directory_iterator(realm.repository() / "metadata")) {
      const std::string name = file.path().filename();
      if (!name.ends_with(".directory.json")) continue;
      if (newest.empty() || std::stol(name) > std::stol(newest.filename())) newest = file.path();
    }
    return newest;
  }
};

// A realm with other root keys.
fs::path strange_repository(const TempDir& shelf) {
  must(platform::init_realm(shelf / "strange", {.name = "Strange"}, {"one", "two", "three"},
                            FakeClock().wall()));
  return shelf / "strange" / "repository";
}

}  // namespace

TEST_CASE("witness: publishes, new keys, a recovery and a restore make no alarm") {
  Life life;
  LiveWitness seldom(life.realm, "seldom");
  must(seldom.watch(life.realm.repository()));
  const auto check = [&] {
    CHECK(life.witness.compare({seldom.folder()}).is_clean());
    CHECK(seldom.compare({life.witness.folder()}).is_clean());
    CHECK(life.witness.compare(*life.office).is_clean());
  };
  for (int i = 0; i < 20; ++i) life.publish();  // more than a repository keeps
  must(seldom.watch(life.realm.repository()));
  CHECK(life.witness.compare({seldom.folder()}).comparison.shared > 16);
  check();

  must(platform::rotate_delegated_keys(life.realm.realm(), {"directory"},
                                       platform::OldKeys::kForget, life.realm.clock.wall()));
  life.publish();
  must(seldom.watch(life.realm.repository()));
  check();

  life.recover_all();
  life.publish();
  must(seldom.watch(life.realm.repository()));
  check();

  const TempDir shelf;
  must(platform::back_up_realm(life.realm.realm(), shelf / "realm.backup", "phrase of the backup"));
  life.publish();  // lost
  life.realm.close();
  fs::remove_all(life.realm.path());
  must(platform::restore_realm(shelf / "realm.backup", "phrase of the backup", life.realm.path(),
                               {}, {}, life.realm.clock.wall()));
  life.publish();
  must(seldom.watch(life.realm.repository()));
  check();
}

TEST_CASE("witness: a power cut between log and checkpoint, or within a line, costs nothing") {
  Life life;
  const std::string before = life.log();
  const fs::path open = life.witness.folder() / "public";
  const Bytes checkpoint = must(read_file(open / "checkpoint", 1 << 20));
  life.publish();
  const std::string after = life.log();
  REQUIRE(after.size() > before.size());
  // The line is there, the checkpoint is still the old one: the line counts.
  must(write_file_atomically(open / "checkpoint", checkpoint));
  CHECK(life.witness.compare().viewers[0].claims.size() ==
        static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')));
  CHECK(must(life.witness.watch(life.realm.repository())).added == 0);
  CHECK(life.log() == after);
  // A part of the line: it is written again.
  must(write_file_atomically(open / "checkpoint", checkpoint));
  std::ofstream(open / "sightings") << after.substr(0, before.size() + 30);
  CHECK(must(life.witness.watch(life.realm.repository())).added == 1);
  CHECK(std::count(after.begin(), after.end(), '\n') ==
        static_cast<std::ptrdiff_t>(life.witness.compare().viewers[0].claims.size()));
}

TEST_CASE("witness: a log that does not fit its checkpoint is refused, and kept") {
  Life life;
  const fs::path path = life.witness.folder() / "public" / "sightings";
  std::string text = life.log();
  text[0] = text[0] == '9' ? '8' : '9';
  std::ofstream(path) << text;
  const auto refused = life.witness.watch(life.realm.repository());
  CHECK(code_of(refused) == ErrorCode::kUntrusted);
  CHECK(life.log() == text);
  // Neither a lost log nor a lost key begins a new one in its place.
  fs::remove(path);
  CHECK(life.witness.watch(life.realm.repository()).has_error());
  CHECK_FALSE(fs::exists(path));
  fs::remove(life.witness.folder() / "witness.key");
  CHECK(code_of(platform::prepare_witness(life.witness.folder(), "", std::nullopt)) ==
        ErrorCode::kStorageDamaged);
}

TEST_CASE("witness: a mirror without keys accuses nobody by other bytes around a directory") {
  Life life;
  LiveWitness other(life.realm, "other");
  const fs::path path = life.newest_directory();
  const Bytes file = must(read_file(path, 1 << 20));
  Bytes changed = file;
  changed.push_back('\n');
  must(write_file_atomically(path, changed));
  must(other.watch(life.realm.repository()));
  CHECK(life.witness.compare({other.folder()}).is_clean());
  const std::size_t size = must(other.watch(life.realm.repository())).size;
  must(write_file_atomically(path, file));
  CHECK(must(other.watch(life.realm.repository())).size == size);
}

TEST_CASE("witness: a repository that goes back, or that nobody signed, adds nothing") {
  Life life;
  const TempDir shelf;
  fs::copy(life.realm.repository(), shelf / "old", fs::copy_options::recursive);
  life.publish();
  const std::string log = life.log();
  CHECK(code_of(life.witness.watch(shelf / "old")) == ErrorCode::kUntrusted);
  CHECK(code_of(life.witness.watch(strange_repository(shelf))) == ErrorCode::kUntrusted);
  CHECK(life.log() == log);
}

TEST_CASE("witness: a fork that does not lead to the reader's root is refused, and no alarm") {
  Life life;
  const TempDir shelf;
  const Bytes root =
      must(read_file(strange_repository(shelf) / "metadata" / "1.root.json", 1 << 20));
  // Another realm's witness, of the same versions.
  must(platform::prepare_witness(shelf / "seen", "test.example/theirs", root));
  const std::string url = must(repository_url((shelf / "strange" / "repository").string()));
  HttpClient http;
  HttpFetcher fetcher(http, join_url(url, "metadata"), url);
  FakeClock clock;
  must(platform::watch_once(shelf / "seen", fetcher, clock));
  const auto mixed = platform::compare_files(life.witness.folder(), {shelf / "seen"}, {});
  REQUIRE(mixed.has_error());
  CHECK(mixed.error().code == ErrorCode::kUntrusted);
}

TEST_CASE("witness: the first look needs a root, and the same one ever after") {
  LiveRealm realm;
  const TempDir home;
  CHECK(code_of(platform::prepare_witness(home / "seen", "", std::nullopt)) == ErrorCode::kUsage);
  CHECK_FALSE(fs::exists(home / "seen"));
  const Bytes root = must(read_file(realm.repository() / "metadata" / "1.root.json", 1 << 20));
  CHECK(code_of(platform::prepare_witness(home / "seen", "a b", root)) == ErrorCode::kBadInput);
  must(platform::prepare_witness(home / "seen", "", root));
  must(platform::prepare_witness(home / "seen", "", std::nullopt));
  const Bytes another =
      must(read_file(strange_repository(home) / "metadata" / "1.root.json", 1 << 20));
  CHECK(code_of(platform::prepare_witness(home / "seen", "", another)) == ErrorCode::kUsage);
}
