// What storage promises: encrypted pages, durable commits, migrations forward only, a bounded WAL.
#include "storage/database.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <optional>

#include "core/file/file.hpp"
#include "tests/support/child.hpp"

using namespace rootlet;
using test::code_of;
using test::must;
using test::TempDir;

namespace {

constexpr std::array<std::string_view, 2> kMigrations = {
    "CREATE TABLE notes(id INTEGER PRIMARY KEY, words TEXT NOT NULL)",
    "ALTER TABLE notes ADD COLUMN at INTEGER",
};

bool folder_contains(const fs::path& folder, std::string_view needle) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const Bytes bytes = must(read_file(entry.path(), 1 << 28));
    if (as_text(bytes).find(needle) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("storage: nothing readable reaches the disk, under either cipher") {
  for (const PageCipher cipher : {PageCipher::kAegis256, PageCipher::kChaCha20}) {
    const TempDir folder;
    const SymmetricKey key = SymmetricKey::random();
    Database database = must(Database::open(folder / "a.db", key, {.cipher = cipher}));
    must(migrate(database, kMigrations));
    Statement insert = must(database.prepare("INSERT INTO notes(words) VALUES(?1)"));
    for (int i = 0; i < 2000; ++i) must(insert.bind_all("planted-words-of-a-clerk").run());
    CHECK_FALSE(folder_contains(folder.path(), "planted-words"));
    CHECK_FALSE(folder_contains(folder.path(), "SQLite format 3"));
    must(database.checkpoint());
    CHECK_FALSE(folder_contains(folder.path(), "planted-words"));
    CHECK(must(database.integer("SELECT count(*) FROM notes")) == 2000);
  }
}

TEST_CASE("storage: another key does not open the file and does not harm it") {
  const TempDir folder;
  const SymmetricKey key = SymmetricKey::random();
  {
    Database database = must(Database::open(folder / "a.db", key));
    must(migrate(database, kMigrations));
  }
  const Result<Database> wrong = Database::open(folder / "a.db", SymmetricKey::random());
  CHECK(code_of(wrong) == ErrorCode::kStorageDamaged);
  CHECK(must(Database::open(folder / "a.db", key)).integer("PRAGMA user_version").value() == 2);
}

TEST_CASE("storage: a file from a newer program is refused") {
  const TempDir folder;
  const SymmetricKey key = SymmetricKey::random();
  Database database = must(Database::open(folder / "a.db", key));
  must(migrate(database, kMigrations));
  must(migrate(database, kMigrations));
  must(database.execute("PRAGMA user_version=3"));
  CHECK(code_of(migrate(database, kMigrations)) == ErrorCode::kStorageDamaged);
}

TEST_CASE("storage: a transaction without commit leaves nothing") {
  const TempDir folder;
  Database database = must(Database::open(folder / "a.db", SymmetricKey::random()));
  must(migrate(database, kMigrations));
  {
    Transaction transaction = must(Transaction::begin(database));
    must(database.execute("INSERT INTO notes(words) VALUES('gone')"));
  }
  CHECK(must(database.integer("SELECT count(*) FROM notes")) == 0);
  Transaction transaction = must(Transaction::begin(database));
  must(database.execute("INSERT INTO notes(words) VALUES('kept')"));
  must(transaction.commit());
  CHECK(must(database.integer("SELECT count(*) FROM notes")) == 1);
}

TEST_CASE("storage: a reader sees the last commit while a writer works, and the WAL stays small") {
  const TempDir folder;
  const SymmetricKey key = SymmetricKey::random();
  Database writer = must(Database::open(folder / "a.db", key));
  must(migrate(writer, kMigrations));
  Database reader = must(Database::open(folder / "a.db", key, {.mode = OpenMode::kReadOnly}));
  Statement insert = must(writer.prepare("INSERT INTO notes(words) VALUES(?1)"));
  for (int round = 0; round < 50; ++round) {
    Transaction transaction = must(Transaction::begin(writer));
    for (int i = 0; i < 400; ++i) must(insert.bind_all(std::string(100, 'x')).run());
    CHECK(must(reader.integer("SELECT count(*) FROM notes")) == round * 400);
    must(transaction.commit());
  }
  CHECK(fs::file_size(folder / "a.db-wal") < 8U << 20);
}

TEST_CASE("storage: a returned commit of full durability survives kill -9") {
  const TempDir folder;
  const SymmetricKey key = SymmetricKey::random();
  int reports[2];
  REQUIRE(::pipe(reports) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    Database database =
        must(Database::open(folder / "a.db", key, {.durability = Durability::kFull}));
    must(migrate(database, kMigrations));
    Statement insert = must(database.prepare("INSERT INTO notes(words) VALUES('x')"));
    while (true) {
      must(insert.run());
      if (::write(reports[1], "x", 1) != 1) ::_exit(1);
    }
  }
  ::close(reports[1]);
  std::int64_t reported = 0;
  char byte = 0;
  while (reported < 50 && ::read(reports[0], &byte, 1) == 1) ++reported;
  ::kill(child, SIGKILL);
  while (::read(reports[0], &byte, 1) == 1) ++reported;
  ::waitpid(child, nullptr, 0);
  ::close(reports[0]);
  Database database = must(Database::open(folder / "a.db", key));
  const std::int64_t found = must(database.integer("SELECT count(*) FROM notes"));
  CHECK(found >= reported);
  CHECK(found <= reported + 1);
}

TEST_CASE("storage: values read back as written") {
  const TempDir folder;
  Database database = must(Database::open(folder / "a.db", SymmetricKey::random()));
  Statement select = must(database.prepare("SELECT ?1, ?2, ?3, ?4, ?5"));
  const Bytes blob = {0, 1, 255};
  must(select.bind_all(std::int64_t{-5}, "王小明", blob, nullptr, "").step());
  CHECK(select.integer(0) == -5);
  CHECK(select.text(1) == "王小明");
  CHECK(to_bytes(select.blob(2)) == blob);
  CHECK(select.is_null(3));
  CHECK_FALSE(select.is_null(4));
  CHECK(select.text(4).empty());
}

TEST_CASE("storage: a statement used again has no value, error or lock of its former use") {
  const TempDir folder;
  std::optional<Database> database(must(Database::open(folder / "a.db", SymmetricKey::random())));
  must(migrate(*database, kMigrations));
  constexpr std::string_view kInsert = "INSERT INTO notes(id, words, at) VALUES(?,?,?)";
  constexpr std::string_view kSelect = "SELECT id FROM notes ORDER BY id";
  must(must(database->prepare(kInsert)).bind_all(1, "a", 7).run());
  CHECK(must(database->prepare(kInsert)).bind_all(1, "a", 7).run().has_error());
  must(must(database->prepare(kInsert)).bind(1, 2).bind(2, std::string_view("b")).run());
  CHECK(must(database->integer("SELECT count(*) FROM notes WHERE at IS NULL")) == 1);
  {
    Statement one = must(database->prepare(kSelect)), other = must(database->prepare(kSelect));
    CHECK(must(one.step()));
    CHECK(must(one.step()));
    CHECK(must(other.step()));
    CHECK(one.integer(0) == 2);
    CHECK(other.integer(0) == 1);
  }
  must(database->empty_wal());  // nothing reads any more
  must(database->execute("ALTER TABLE notes RENAME COLUMN id TO number; DROP TABLE notes"));
  CHECK(code_of(must(database->prepare(kSelect)).step()) == ErrorCode::kStorageDamaged);
}

TEST_CASE("storage: any number of different statements, and one that outlives its database") {
  const TempDir folder;
  std::optional<Database> database(must(Database::open(folder / "a.db", SymmetricKey::random())));
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 200; ++i) {
      CHECK(must(database->integer("SELECT " + std::to_string(i))) == i);
    }
  }
  const Statement left = must(database->prepare("SELECT 1"));
  database.reset();
}

TEST_CASE("storage: on_progress stops a statement that runs too long") {
  const TempDir folder;
  Database database = must(Database::open(folder / "a.db", SymmetricKey::random()));
  int asked = 0;
  database.on_progress(1000, [&] { return ++asked > 10; });
  const auto endless = database.integer(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n");
  CHECK(endless.has_error());
  CHECK(asked == 11);
}

TEST_CASE("storage: the WAL is copied while another connection writes, and emptied afterwards") {
  const TempDir folder;
  const SymmetricKey key = SymmetricKey::random();
  Database writer = must(Database::open(folder / "a.db", key, {.checkpoints = false}));
  must(migrate(writer, kMigrations));
  must(writer.checkpoint());
  const auto empty = fs::file_size(folder / "a.db");
  for (int i = 0; i < 3; ++i) {
    must(writer.execute("INSERT INTO notes(words) SELECT hex(randomblob(3000000))"));
  }
  CHECK(fs::file_size(folder / "a.db") == empty);  // nothing is copied without checkpoint()
  {
    Database copier = must(Database::open(folder / "a.db", key));
    const Transaction writing = must(Transaction::begin(writer));
    const auto begin = std::chrono::steady_clock::now();
    must(copier.copy_wal());
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
    CHECK(fs::file_size(folder / "a.db") > empty + 9'000'000);
  }
  must(writer.checkpoint());
  CHECK(fs::file_size(folder / "a.db-wal") == 0);
  CHECK(must(writer.integer("SELECT count(*) FROM notes")) == 3);
}

TEST_CASE("storage: a database of another user is an error that names the file and its owner") {
  if (!test::is_root()) return;
  const SymmetricKey key = SymmetricKey::random();
  for (const std::string& left_by_root : {std::string("a.db"), std::string("a.db-wal")}) {
    CAPTURE(left_by_root);
    const TempDir folder;
    REQUIRE(::chown(folder.path().c_str(), test::kOtherUser, test::kOtherUser) == 0);
    Database database = must(Database::open(folder / "a.db", key));  // keeps the log's file
    must(migrate(database, kMigrations));
    for (const auto& entry : fs::directory_iterator(folder.path())) {
      const bool is_left = entry.path().filename() == left_by_root;
      REQUIRE(::chown(entry.path().c_str(), is_left ? 0 : test::kOtherUser, 0) == 0);
      REQUIRE(::chmod(entry.path().c_str(), is_left ? 0644 : 0600) == 0);
    }
    const std::string said = test::in_child([&]() -> std::string {
      if (::setuid(test::kOtherUser) != 0) return "no setuid";
      Result<Database> opened = Database::open(folder / "a.db", key);
      if (opened.has_error()) return test::words_of(opened);
      return test::words_of(opened.value().execute("INSERT INTO notes(words) VALUES('x')"));
    });
    CHECK(said.find((folder / left_by_root).string() + " belongs to user 'root'") !=
          std::string::npos);
    CHECK(said.find("sudo chown nobody: ") != std::string::npos);
  }
}
