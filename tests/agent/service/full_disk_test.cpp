// What an office can still do when its disk is full.
#include <stdlib.h>

#include "agent/ledger/ledger.hpp"
#include "agent/office/disk_reserve.hpp"
#include "core/limits.hpp"
#include "tests/agent/office_world.hpp"
#include "tests/support/small_disk.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

// Folders of tests lie on this disk while it lives.
class TemporaryFilesOn {
 public:
  explicit TemporaryFilesOn(const SmallDisk& disk) { ::setenv("TMPDIR", disk.path().c_str(), 1); }
  ~TemporaryFilesOn() { ::unsetenv("TMPDIR"); }
};

const json::object kQuery{{"dataset", "roster"},
                          {"purpose", "verification"},
                          {"limit", 0},
                          {"columns", json::array()},
                          {"where", json::array()}};

std::size_t ledger_entries(OfficeWorld& world) {
  Office office = world.open();
  return must(must(Ledger::open(office.home(), office.keys())).list(1000)).size();
}

}  // namespace

TEST_CASE("full disk: reading goes on in the space kept for it, and each use is in the ledger") {
  auto disk = SmallDisk::mount(16 * limits::kMiB);
  if (!disk) return;
  const TemporaryFilesOn here(*disk);
  OfficeWorld world;
  keep_disk_reserve(world.context.home);
  REQUIRE(fs::exists(world.context.home.folder() / "reserve"));
  disk->fill();
  for (int i = 0; i < 5; ++i) {
    KeepingSink sink;
    CHECK(integer_at(must(world.call("query", kQuery, sink)), "count") == 3);
    CHECK(sink.kept.size() == 3);
    CHECK(sink.heads.size() == 1);
  }
  CHECK_FALSE(fs::exists(world.context.home.folder() / "reserve"));
  CHECK(must(world.call("status", {})).contains("disk"));
  const json::object record{{"name", "王小明"}, {"members", 3}};
  CHECK(world.call("submit", {{"form", "visit"}, {"records", json::array{record}}}).has_value());
  disk->clear();
  CHECK(ledger_entries(world) == 5);
}

TEST_CASE(
    "full disk: without that space nothing is read unseen, and the answer says what is full") {
  auto disk = SmallDisk::mount(16 * limits::kMiB);
  if (!disk) return;
  const TemporaryFilesOn here(*disk);
  OfficeWorld world;
  disk->fill();
  KeepingSink sink;
  const Result<json::object> answer = world.call("query", kQuery, sink);
  REQUIRE(answer.has_error());
  CHECK(answer.error().code == ErrorCode::kStorageFull);
  CHECK(answer.error().message.find(disk->path().string()) != std::string::npos);
  CHECK(sink.kept.empty());
  disk->clear();
  CHECK(ledger_entries(world) == 0);
  CHECK(integer_at(must(world.call("query", kQuery, sink)), "count") == 3);
}

TEST_CASE("full disk: the reserve is made only where there is room, and only once") {
  auto disk = SmallDisk::mount(2 * limits::kMiB);
  if (!disk) return;
  const Home home(disk->path() / "home");
  must(home.prepare());
  keep_disk_reserve(home);
  CHECK_FALSE(fs::exists(home.folder() / "reserve"));
  CHECK_FALSE(release_disk_reserve(home));
}
