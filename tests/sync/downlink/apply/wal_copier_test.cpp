// What is asked for is in the file afterwards, a reader holds nothing up, and a snapshot of many
// steps leaves a short WAL.
#include "sync/downlink/apply/wal_copier.hpp"

#include "core/limits.hpp"
#include "tests/sync/downlink/fixture_store.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

constexpr OpenOptions kNoCopyOnCommit{.checkpoints = false};

struct CopiedFile {
  CopiedFile() {
    must(writer.execute("CREATE TABLE notes(words TEXT NOT NULL)"));
    must(writer.checkpoint());
  }
  void write(int rows) {
    for (int i = 0; i < rows; ++i) must(writer.execute("INSERT INTO notes VALUES('word')"));
  }
  // Rows in the file without its WAL.
  std::int64_t rows_in_file() const {
    const fs::path alone = folder / "alone.db";
    fs::copy_file(folder / "a.db", alone, fs::copy_options::overwrite_existing);
    Database copy = must(Database::open(alone, key));
    return must(copy.integer("SELECT count(*) FROM notes"));
  }
  Database open() const { return must(Database::open(folder / "a.db", key, kNoCopyOnCommit)); }

  TempDir folder;
  SymmetricKey key = SymmetricKey::random();
  Database writer = open();
};

}  // namespace

TEST_CASE("WAL copier: what is asked for is in the file when the wait ends") {
  CopiedFile file;
  const std::unique_ptr<WalCopier> copier = WalCopier::start(file.open());
  REQUIRE(copier != nullptr);
  REQUIRE(copier->wait().has_value());  // nothing was asked for
  for (int round = 1; round <= 3; ++round) {
    file.write(20);
    CHECK(file.rows_in_file() == 20 * (round - 1));
    copier->request();
    REQUIRE(copier->wait().has_value());
    CHECK(file.rows_in_file() == 20 * round);
  }
}

TEST_CASE("WAL copier: while a reader needs the old state a copy ends, and a later one continues") {
  CopiedFile file;
  const std::unique_ptr<WalCopier> copier = WalCopier::start(file.open());
  Database reader = file.open();
  file.write(5);
  {
    ReadTransaction reading = must(ReadTransaction::begin(reader));
    file.write(5);
    copier->request();
    REQUIRE(copier->wait().has_value());
    CHECK(file.rows_in_file() <= 5);
    CHECK(must(reader.integer("SELECT count(*) FROM notes")) == 5);
  }
  copier->request();
  REQUIRE(copier->wait().has_value());
  CHECK(file.rows_in_file() == 10);
}

TEST_CASE("WAL copier: a writer may commit while it copies, and it ends with its last copy") {
  CopiedFile file;
  std::unique_ptr<WalCopier> copier = WalCopier::start(file.open());
  for (int i = 0; i < 50; ++i) {
    file.write(2);
    copier->request();
  }
  copier.reset();
  CHECK(must(file.writer.integer("SELECT count(*) FROM notes")) == 100);
  Statement check = must(file.writer.prepare("PRAGMA integrity_check"));
  REQUIRE(must(check.step()));
  CHECK(check.text(0) == "ok");
}

TEST_CASE("WAL copier: a snapshot of many steps leaves a short WAL, and commits copy again") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  StoreFixture fixture(3);
  fixture.options = {.step_rows = 10, .copy_rows = 10};
  PublishedStream stream = fixture.stream("3304");
  stream.version = 1;
  stream.rows = random_rows(random, 1'500);
  DatasetStore store = fixture.open();
  must(apply_pack(store, fixture.staged_snapshot(stream), fixture.context(stream)));
  const fs::path wal = fixture.file().string() + "-wal";
  const auto after_snapshot = fs::file_size(wal);
  CAPTURE(after_snapshot);
  CHECK(after_snapshot < 2 * limits::kMiB);  // 450 steps of three pages or more would be 5 MiB
  CHECK(must(store.database().integer("PRAGMA wal_autocheckpoint")) > 0);
  CHECK(equal_rows(fixture.read_back(3), fixture.expected(stream.rows, 3)));
}
