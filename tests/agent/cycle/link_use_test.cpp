// The limits on downloads and the counters of the link's use.
#include "agent/cycle/link_use.hpp"

#include "config/units.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

constexpr int kNoon = 12 * 60, kMidnight = 0;

}  // namespace

TEST_CASE("link: without rules every download is allowed") {
  CHECK_FALSE(refuse_download({}, kNoon, UINT64_MAX, UINT64_MAX).has_value());
}

TEST_CASE("link: data waits for the download hours") {
  const DownloadRules night{.hours = must(parse_day_windows("22:00-06:00"))};
  CHECK(refuse_download(night, kNoon, 0, 1) == HoldReason::kHours);
  CHECK_FALSE(refuse_download(night, kMidnight, 0, 1).has_value());
}

TEST_CASE("link: the monthly budget is never exceeded, and downloads that fit are allowed") {
  const DownloadRules rules{.hours = {}, .monthly_bytes = 1000};
  CHECK_FALSE(refuse_download(rules, kNoon, 400, 600).has_value());
  CHECK(refuse_download(rules, kNoon, 401, 600) == HoldReason::kBudget);
  CHECK_FALSE(refuse_download(rules, kNoon, 401, 599).has_value());
  CHECK(refuse_download(rules, kNoon, 5000, 1) == HoldReason::kBudget);
}

TEST_CASE("link: the rate ignores small syncs and weighs the newest one most") {
  LinkUse use;
  learn_rate(use, 1000, 5);  // a small pack measures latency
  CHECK(use.bytes_per_second == 0);
  learn_rate(use, 1'000'000, 10);
  CHECK(use.bytes_per_second == doctest::Approx(100'000));
  learn_rate(use, 1'000'000, 100);
  CHECK(use.bytes_per_second < 100'000);
  CHECK(use.bytes_per_second > 10'000);
}

TEST_CASE("link: a new month resets the counter but not the rate") {
  const TempDir folder;
  const Home home(folder / "home");
  must(home.prepare());
  KeyStore keys = must(KeyStore::open(home, SymmetricKey::random()));
  const UnixTime november = must(parse_time("2026-11-22T10:00:00Z"));
  LinkUse use = must(load_link_use(keys, november));
  CHECK(use.month == "2026-11");
  CHECK(use.month_bytes == 0);
  use.month_bytes = 7000;
  use.bytes_per_second = 1234;
  must(save_link_use(keys, use));
  CHECK(must(load_link_use(keys, november)).month_bytes == 7000);
  const LinkUse next = must(load_link_use(keys, must(parse_time("2026-12-01T00:00:00Z"))));
  CHECK(next.month_bytes == 0);
  CHECK(next.bytes_per_second == 1234);
}

TEST_CASE("link: each day's bytes are kept for this month and the last, and no longer") {
  const TempDir folder;
  const Home home(folder / "home");
  must(home.prepare());
  KeyStore keys = must(KeyStore::open(home, SymmetricKey::random()));
  const auto carry = [&](const char* at, std::uint64_t down, std::uint64_t up) {
    const UnixTime now = must(parse_time(at));
    LinkUse use = must(load_link_use(keys, now));
    add_traffic(use, now, down, up);
    must(save_link_use(keys, use));
  };
  carry("2026-10-31T23:59:59Z", 5, 1);
  carry("2026-12-02T10:00:00Z", 7, 0);
  carry("2026-12-02T11:00:00Z", 3, 2);
  carry("2026-12-01T10:00:00Z", 0, 0);  // nothing was carried
  LinkUse use = must(load_link_use(keys, must(parse_time("2026-12-03T00:00:00Z"))));
  REQUIRE(use.days.size() == 1);
  CHECK(use.days[0].day == "2026-12-02");
  CHECK(use.days[0].bytes_down == 10);
  CHECK(use.days[0].bytes_up == 2);
  CHECK(use.month_bytes == 12);
  carry("2027-01-15T10:00:00Z", 1, 1);
  use = must(load_link_use(keys, must(parse_time("2027-01-15T10:00:00Z"))));
  REQUIRE(use.days.size() == 2);  // December is the month before January
  CHECK(use.days[1].day == "2027-01-15");
  CHECK(use.month_bytes == 2);
}
