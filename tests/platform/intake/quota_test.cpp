// How long an office waits until its next batch fits into the hour.
#include "platform/intake/rows/quota.hpp"

#include "tests/support/support.hpp"

namespace rootlet::platform::intake {
namespace {

using namespace rootlet::test;

constexpr std::int64_t kNow = 1'000'000;  // minutes
constexpr std::uint64_t kQuota = 100;

UnixTime at(std::int64_t minute, std::int64_t second = 0) {
  return UnixTime(std::chrono::seconds(minute * 60 + second));
}

long wait(std::vector<UsedMinute> used, std::uint64_t bytes, std::int64_t second = 0) {
  return decide_quota_wait(used, bytes, kQuota, at(kNow, second));
}

TEST_CASE("quota: what fits into the hour is taken at once") {
  CHECK(wait({}, 100) == 0);
  CHECK(wait({{kNow, 40}}, 60) == 0);
  CHECK(wait({{kNow - 59, 40}, {kNow, 60}}, 0) == 0);
}

TEST_CASE("quota: an office waits until enough of its bytes are an hour old") {
  CHECK(wait({{kNow, 100}}, 1) == 3600);
  CHECK(wait({{kNow, 100}}, 1, 59) == 3541);
  CHECK(wait({{kNow - 59, 10}, {kNow - 1, 90}}, 10) == 60);
  CHECK(wait({{kNow - 59, 10}, {kNow - 1, 90}}, 11) == 59 * 60);
}

TEST_CASE("quota: older minutes and those of a clock that was ahead do not count") {
  CHECK(wait({{kNow - 60, 100}}, 100) == 0);
  CHECK(wait({{kNow + 1, 100}, {kNow + 99'999, 100}}, 100) == 0);
}

TEST_CASE("quota: usage is added by minute, survives a restart and is forgotten after an hour") {
  const TempDir folder;
  const SymmetricKey key;
  const auto open = [&] { return must(Store::open_file(folder / "inbox.db", key, {})); };
  {
    Store inbox = open();
    must(
        inbox.execute("CREATE TABLE usage(office TEXT NOT NULL, minute INTEGER NOT NULL,"
                      " bytes INTEGER NOT NULL, PRIMARY KEY(office, minute)) WITHOUT ROWID"));
    must(save_usage(inbox, "a", 10, at(kNow)));
    must(save_usage(inbox, "a", 20, at(kNow, 30)));
    must(save_usage(inbox, "b", 40, at(kNow)));
  }
  Store inbox = open();
  const std::vector<UsedMinute> used = must(load_usage(inbox, "a", at(kNow + 1)));
  REQUIRE(used.size() == 1);
  CHECK(used[0].bytes == 30);
  CHECK(must(load_usage(inbox, "a", at(kNow + 60))).empty());
  must(save_usage(inbox, "a", 1, at(kNow + 60)));
  CHECK(must(inbox.integer("SELECT count(*) FROM usage WHERE office='a'")) == 1);
  CHECK(must(inbox.integer("SELECT count(*) FROM usage WHERE office='b'")) == 1);
}

}  // namespace
}  // namespace rootlet::platform::intake
