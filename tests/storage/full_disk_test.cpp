// A full disk is named as one, and nothing that was saved is lost.
#include "storage/database.hpp"
#include "tests/support/small_disk.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

Status add_rows(Database& database) {
  for (int i = 0; i < 2'000; ++i) {
    ROOTLET_TRY(database.execute("INSERT INTO t VALUES(randomblob(2000))"));
  }
  return ok();
}

}  // namespace

TEST_CASE("storage: a write on a full disk fails as full and names the file system") {
  auto disk = SmallDisk::mount(1024 * 1024);
  if (!disk) return;
  const SymmetricKey key = SymmetricKey::random();
  Database database =
      must(Database::open(disk->path() / "a.db", key, {.durability = Durability::kFull}));
  must(database.execute("CREATE TABLE t(a)"));
  must(database.execute("INSERT INTO t VALUES(1)"));
  const Status added = add_rows(database);
  REQUIRE(added.has_error());
  CHECK(added.error().code == ErrorCode::kStorageFull);
  CHECK(added.error().message.find(disk->path().string()) != std::string::npos);
  CHECK(must(database.integer("SELECT count(*) FROM t")) >= 1);
}

TEST_CASE("storage: a database that cannot be opened because the disk is full says so") {
  auto disk = SmallDisk::mount(1024 * 1024);
  if (!disk) return;
  const SymmetricKey key = SymmetricKey::random();
  {
    Database database = must(Database::open(disk->path() / "a.db", key));
    must(database.execute("CREATE TABLE t(a)"));
  }
  disk->fill();
  for (const OpenMode mode : {OpenMode::kCreate, OpenMode::kReadWrite, OpenMode::kReadOnly}) {
    CAPTURE(static_cast<int>(mode));
    const Result<Database> opened = Database::open(disk->path() / "a.db", key, {.mode = mode});
    REQUIRE(opened.has_error());
    CHECK(opened.error().code == ErrorCode::kStorageFull);
    CHECK(opened.error().message.find("full") != std::string::npos);
  }
  CHECK(code_of(Database::open(disk->path() / "new.db", key)) == ErrorCode::kStorageFull);
  disk->clear();
  CHECK(must(must(Database::open(disk->path() / "a.db", key)).integer("SELECT count(*) FROM t")) ==
        0);
}
