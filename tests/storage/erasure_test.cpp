// What is erased is gone: not in any decrypted page, in use or free, and not in the write-ahead
// log.
#include <chrono>
#include <random>

#include "core/file/file.hpp"
#include "storage/page_scan.hpp"
#include "tests/storage/pages.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using test::code_of;
using test::must;
using test::TempDir;

namespace {

std::uintmax_t log_bytes(const fs::path& path) {
  std::error_code missing;
  const std::uintmax_t size = fs::file_size(path.string() + "-wal", missing);
  return missing ? 0 : size;
}

void turn_byte(const fs::path& path, std::size_t at) {
  Bytes bytes = must(read_file(path, 1 << 28));
  bytes.at(at) ^= 0x40;
  must(write_file_atomically(path, bytes));
}

}  // namespace

TEST_CASE(
    "erasure: after a rewrite deleted texts are in no page, and not in the log once it is empty") {
  const TempDir folder;
  std::uint64_t seed = 0;
  std::mt19937_64 random = test::seeded(seed);
  CAPTURE(seed);
  Database database = must(Database::open(folder / "a.db", SymmetricKey::random()));
  must(
      database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, words TEXT); "
                       "CREATE INDEX by_words ON t(words)"));
  Statement put = must(database.prepare("INSERT OR REPLACE INTO t VALUES(?1, ?2)"));
  Statement remove = must(database.prepare("DELETE FROM t WHERE id=?1"));
  for (int i = 0; i < 400; ++i) {
    // Some rows fill pages of their own, others share one.
    const std::string filler(random() % 10 == 0 ? 9'000 : random() % 60, 'x');
    const std::string words = (i % 3 == 0 ? "stays-" : "SECRET-") + std::to_string(i) + filler;
    must(put.bind_all(i, words).run());
  }
  CHECK(test::pages_with(database, "SECRET-") > 0);
  for (int i = 0; i < 400; ++i) {
    if (i % 3 == 1) must(remove.bind_all(i).run());
    if (i % 3 == 2) must(put.bind_all(i, "other words").run());
  }
  remove.reset();
  put.reset();
  must(database.rewrite());
  must(database.empty_wal());
  CHECK(log_bytes(folder / "a.db") == 0);
  CHECK(test::pages_with(database, "SECRET-") == 0);
  CHECK(test::pages_with(database, "stays-") > 0);
}

TEST_CASE("erasure: while a reader needs the log it is not empty, and that is said") {
  const TempDir folder;
  const SymmetricKey key = SymmetricKey::random();
  Database writer =
      must(Database::open(folder / "a.db", key, {.busy_wait = std::chrono::milliseconds(1)}));
  must(writer.execute("CREATE TABLE t(words TEXT); INSERT INTO t VALUES('SECRET')"));
  Database reader = must(Database::open(folder / "a.db", key, {.mode = OpenMode::kReadOnly}));
  {
    const ReadTransaction reading = must(ReadTransaction::begin(reader));
    must(writer.execute("DELETE FROM t"));
    CHECK(code_of(writer.empty_wal()) == ErrorCode::kBusy);
    CHECK(log_bytes(folder / "a.db") > 0);
    must(writer.checkpoint());  // copies what it can, and says nothing
  }
  must(writer.empty_wal());
  CHECK(log_bytes(folder / "a.db") == 0);
}

TEST_CASE("pages: a scan reads every page once, in parts, and names the one that is damaged") {
  const TempDir folder;
  const SymmetricKey key = SymmetricKey::random();
  {
    Database database = must(Database::open(folder / "a.db", key));
    must(database.execute("CREATE TABLE t(words TEXT)"));
    Statement put = must(database.prepare("INSERT INTO t VALUES(?1)"));
    for (int i = 0; i < 200; ++i) must(put.bind_all(std::string(500, 'x')).run());
    must(database.execute("DELETE FROM t WHERE rowid>150"));  // some pages are free
  }
  const auto scan = [&](std::int64_t first, std::int64_t count) -> Result<PageScan> {
    ROOTLET_TRY(Database database,
                Database::open(folder / "a.db", key, {.mode = OpenMode::kReadOnly}));
    return scan_pages(database, first, count);
  };
  const std::int64_t pages = must(scan(1, 1'000'000)).pages;
  REQUIRE(pages > 20);
  CHECK(must(scan(1, 1'000'000)).next == 1);
  CHECK(must(scan(1, 7)).next == 8);
  CHECK(must(scan(pages, 7)).next == 1);
  CHECK(must(scan(pages + 5, 7)).next == 8);
  turn_byte(folder / "a.db", static_cast<std::size_t>(pages - 1) * 4096 + 9);
  CHECK(scan(1, pages - 1).has_value());
  const Result<PageScan> damaged = scan(1, pages);
  CHECK(code_of(damaged) == ErrorCode::kStorageDamaged);
  CHECK(damaged.error().message.find("page " + std::to_string(pages)) != std::string::npos);
}

TEST_CASE("storage: a file that was cut off or has lost its tables is damaged, not a disk error") {
  const TempDir folder;
  const SymmetricKey key = SymmetricKey::random();
  {
    Database database = must(Database::open(folder / "a.db", key));
    must(database.execute("CREATE TABLE t(words TEXT)"));
    Statement put = must(database.prepare("INSERT INTO t VALUES(?1)"));
    for (int i = 0; i < 100; ++i) must(put.bind_all(std::string(500, 'x')).run());
  }
  fs::resize_file(folder / "a.db", fs::file_size(folder / "a.db") / 2 + 100);
  const auto count = [&]() -> Result<std::int64_t> {
    ROOTLET_TRY(Database database,
                Database::open(folder / "a.db", key, {.mode = OpenMode::kReadOnly}));
    return database.integer("SELECT sum(length(words)) FROM t");
  };
  CHECK(code_of(count()) == ErrorCode::kStorageDamaged);
  fs::resize_file(folder / "a.db", 0);
  CHECK(code_of(count()) == ErrorCode::kStorageDamaged);
}
