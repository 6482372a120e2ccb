// Home, machine key, key store and ledger: unsafe ones are rejected, damage is detected.
#include "agent/office/home.hpp"

#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "agent/ledger/ledger.hpp"
#include "agent/office/key_store.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using rootlet::test::code_of;
using rootlet::test::FakeClock;
using rootlet::test::must;
using rootlet::test::TempDir;

TEST_CASE("home: a folder that other users can read is rejected") {
  const TempDir folder;
  const Home home(folder / "home");
  must(home.prepare());
  struct stat info {};
  REQUIRE(::stat(home.folder().c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0700);
  REQUIRE(::chmod(home.folder().c_str(), 0750) == 0);
  CHECK(code_of(home.prepare()) == ErrorCode::kStorage);
}

TEST_CASE("home: a second agent is refused while the first one runs") {
  const TempDir folder;
  const Home home(folder / "home");
  must(home.prepare());
  {
    const FileLock lock = must(home.lock());
    CHECK(code_of(home.lock()) == ErrorCode::kBusy);
    CHECK(exit_code_of(ErrorCode::kBusy) == 6);
  }
  CHECK(home.lock().has_value());
}

TEST_CASE("machine key: created once, and rejected with the wrong mode or size") {
  const TempDir folder;
  const Home home(folder / "home");
  must(home.prepare());
  CHECK_FALSE(must(load_machine_key(home)).has_value());
  const SymmetricKey made = must(make_machine_key(home));
  CHECK(must(make_machine_key(home)) == made);
  REQUIRE(::chmod(home.machine_key_file().c_str(), 0640) == 0);
  CHECK(code_of(load_machine_key(home)) == ErrorCode::kStorage);
  REQUIRE(::chmod(home.machine_key_file().c_str(), 0600) == 0);
  std::ofstream(home.machine_key_file(), std::ios::app) << "x";
  CHECK(code_of(load_machine_key(home)) == ErrorCode::kStorageDamaged);
  CHECK(code_of(make_machine_key(home)) == ErrorCode::kStorageDamaged);
}

TEST_CASE("machine key: systemd's credential takes precedence over the file") {
  const TempDir folder;
  const Home home(folder / "home");
  must(home.prepare());
  const std::string secret(32, 'k');
  std::ofstream(folder / "rootlet-machine-key") << secret;
  REQUIRE(::setenv("CREDENTIALS_DIRECTORY", folder.path().c_str(), 1) == 0);
  CHECK(must(make_machine_key(home)) == must(SymmetricKey::from(as_bytes(secret))));
  REQUIRE(::unsetenv("CREDENTIALS_DIRECTORY") == 0);
  CHECK_FALSE(fs::exists(home.machine_key_file()));
}

TEST_CASE("key store: facts and file keys persist, another machine key opens nothing") {
  const TempDir folder;
  const Home home(folder / "home");
  must(home.prepare());
  const SymmetricKey machine = SymmetricKey::random();
  SymmetricKey villages;
  {
    KeyStore keys = must(KeyStore::open(home, machine));
    villages = must(keys.file_key(dataset_key_name("villages")));
    must(keys.save_fact("a", as_bytes("1")));
    must(keys.save_awake_mark(
        {.total = Awake(7), .since_boot = Awake(8), .boot = "b", .machine = "m"}));
  }
  KeyStore keys = must(KeyStore::open(home, machine));
  CHECK(must(keys.file_key(dataset_key_name("villages"))) == villages);
  CHECK(as_text(*must(keys.fact("a"))) == "1");
  CHECK(must(keys.awake_mark()) == AwakeMark{Awake(7), Awake(8), "b", "m"});
  CHECK(must(keys.file_key_names("dataset/")) == std::vector<std::string>{"villages"});
  CHECK(code_of(KeyStore::open(home, SymmetricKey::random())) == ErrorCode::kStorageDamaged);
}

TEST_CASE("key store: threads can open a new home at the same time") {
  for (int round = 0; round < 20; ++round) {
    const TempDir folder;
    const Home home(folder / "home");
    must(home.prepare());
    const SymmetricKey machine = SymmetricKey::random();
    std::vector<std::thread> threads;
    std::atomic<int> opened{0};
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] { opened += KeyStore::open(home, machine).has_value() ? 1 : 0; });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(opened == 4);
  }
}

TEST_CASE("key store: no file contains a destroyed key") {
  const TempDir folder;
  const Home home(folder / "home");
  must(home.prepare());
  KeyStore keys = must(KeyStore::open(home, SymmetricKey::random()));
  const SymmetricKey before = must(keys.file_key(dataset_key_name("villages")));
  must(keys.destroy_dataset_key("villages", {.dataset = "villages", .at = {}, .reason = "erase"},
                                {.record = "r", .values = "{}"}));
  CHECK_FALSE(must(keys.has_file_key(dataset_key_name("villages"))));
  CHECK(must(keys.erasures()).front().dataset == "villages");
  must(keys.finish_erasures());
  std::error_code ignored;
  const fs::path log = home.keys().string() + "-wal";
  CHECK((!fs::exists(log) || fs::file_size(log, ignored) == 0));
  CHECK_FALSE(must(keys.file_key(dataset_key_name("villages"))) == before);
}

namespace {

Use use_of(const std::string& dataset, std::int64_t count) {
  FakeClock clock;
  return {.at = clock.wall(),
          .uid = 1000,
          .user = "li",
          .command = "query",
          .dataset = dataset,
          .purpose = "address\nlookup",
          .count = count,
          .outcome = "done",
          .subject = ""};
}

struct LedgerHome {
  TempDir folder;
  Home home{folder / "home"};
  SymmetricKey machine = SymmetricKey::random();
  LedgerHome() { must(home.prepare()); }
  KeyStore keys() { return must(KeyStore::open(home, machine)); }
  Database file() {
    KeyStore store = keys();
    return must(Database::open(home.ledger(), must(store.file_key("ledger"))));
  }
};

}  // namespace

TEST_CASE("ledger: uses are listed newest first and form a hash chain") {
  LedgerHome office;
  KeyStore keys = office.keys();
  Ledger ledger = must(Ledger::open(office.home, keys));
  CHECK(must(ledger.verify()).entries == 0);
  for (int i = 1; i <= 5; ++i) must(ledger.append(use_of("d" + std::to_string(i), i)));
  CHECK(must(ledger.verify()).entries == 5);
  const auto newest = must(ledger.list(2));
  REQUIRE(newest.size() == 2);
  CHECK(newest[0].sequence == 5);
  CHECK(newest[0].use.dataset == "d5");
  CHECK(newest[0].use.purpose == "address\nlookup");
  CHECK(must(ledger.list(0)).size() == 5);
}

TEST_CASE("ledger: verify detects a changed, removed or cut-off entry") {
  const char* const tampering[] = {
      "UPDATE uses SET entry=replace(entry, '\"count\":2', '\"count\":1') WHERE sequence=2",
      "DELETE FROM uses WHERE sequence=2",
      "DELETE FROM uses WHERE sequence=3",
      "DELETE FROM uses",
      "UPDATE uses SET hash=zeroblob(32) WHERE sequence=3",
  };
  for (const char* sql : tampering) {
    CAPTURE(sql);
    LedgerHome office;
    KeyStore keys = office.keys();
    Ledger ledger = must(Ledger::open(office.home, keys));
    for (int i = 1; i <= 3; ++i) must(ledger.append(use_of("d", i)));
    must(ledger.verify());
    Database file = office.file();
    must(file.execute(sql));
    REQUIRE(file.changes() > 0);
    CHECK(code_of(ledger.verify()) == ErrorCode::kStorageDamaged);
  }
}

TEST_CASE("ledger: a damaged entry hides no other, and verify names it") {
  LedgerHome office;
  KeyStore keys = office.keys();
  Ledger ledger = must(Ledger::open(office.home, keys));
  for (int i = 1; i <= 3; ++i) must(ledger.append(use_of("d" + std::to_string(i), i)));
  Database file = office.file();
  for (const char* damage : {"not JSON", "{\"at\": \"2026\"}", "\"\xB4\xE5\""}) {
    CAPTURE(damage);
    Statement change = must(file.prepare("UPDATE uses SET entry=?1 WHERE sequence=2"));
    change.bind_all(std::string_view(damage));
    must(change.run());
    const auto all = must(ledger.list(0));
    REQUIRE(all.size() == 3);
    CHECK(all[0].use.dataset == "d3");
    CHECK(all[1].is_damaged);
    CHECK(all[1].sequence == 2);
    CHECK(all[2].use.dataset == "d1");
    CHECK(to_json(all[1]).at("damaged") == true);
    CHECK(to_json(all[2]).if_contains("damaged") == nullptr);
    const auto check = ledger.verify();
    REQUIRE(check.has_error());
    CHECK(check.error().code == ErrorCode::kStorageDamaged);
    CHECK(check.error().message.find("ledger entry 2") != std::string::npos);
  }
  must(ledger.append(use_of("d4", 4)));  // the ledger goes on
  CHECK(must(ledger.list(1))[0].use.dataset == "d4");
}

TEST_CASE("ledger: an entry that cannot be read is named although its hash is right") {
  LedgerHome office;
  KeyStore keys = office.keys();
  Ledger ledger = must(Ledger::open(office.home, keys));
  must(ledger.append(use_of("d1", 1)));
  const std::string_view entry = "{\"purpose\": \"x\xB4\xE5\"}";  // as an older program wrote it
  ByteWriter writer;
  writer.raw(as_bytes("rootlet ledger v1"));
  writer.u8(0);
  writer.raw(must(ledger.list(1))[0].hash);
  writer.u64(2);
  writer.sized(as_bytes(entry));
  Database file = office.file();
  {
    Statement add = must(file.prepare("INSERT INTO uses(sequence, entry, hash) VALUES(2, ?1, ?2)"));
    const Hash256 hash = blake2b(writer.view());
    add.bind_all(entry, ByteView(hash));
    must(add.run());
  }
  must(ledger.append(use_of("d3", 3)));
  const auto all = must(ledger.list(0));
  REQUIRE(all.size() == 3);
  CHECK(all[1].is_damaged);
  CHECK(all[2].use.dataset == "d1");
  const auto check = ledger.verify();
  REQUIRE(check.has_error());
  CHECK(check.error().message.find("ledger entry 2: cannot be read") != std::string::npos);
}

TEST_CASE("ledger: bytes that are not UTF-8 never make an entry unreadable") {
  LedgerHome office;
  KeyStore keys = office.keys();
  Ledger ledger = must(Ledger::open(office.home, keys));
  Use use = use_of("x\xB4\xE5", 1);
  use.user = "\xFF";
  must(ledger.append(use));
  const auto all = must(ledger.list(0));
  CHECK_FALSE(all[0].is_damaged);
  CHECK(all[0].use.dataset == "x\xEF\xBF\xBD\xEF\xBF\xBD");
  must(ledger.verify());
}

TEST_CASE("ledger: a looked-up key leaves only a keyed hash") {
  LedgerHome office;
  KeyStore keys = office.keys();
  Ledger ledger = must(Ledger::open(office.home, keys));
  const std::string subject = must(ledger.subject_of("roster", "110105194912310021"));
  CHECK(subject.size() == 32);
  CHECK(subject == must(ledger.subject_of("roster", "110105194912310021")));
  CHECK(subject != must(ledger.subject_of("other", "110105194912310021")));
  CHECK(subject.find("1101") != 0);
}
