// Two threads search for the same rows: each row is read once, whichever thread begins where and
// when.
#include "sync/downlink/apply/shared_search.hpp"

#include <atomic>
#include <thread>

#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::test;
using From = SharedSearch::From;

namespace {

std::vector<Rid> rids_from(Rid first, std::size_t count) {
  std::vector<Rid> rids(count);
  for (std::size_t i = 0; i < count; ++i) rids[i] = first + 3 * i;
  return rids;
}

// Finds every row, and counts the requested rows.
struct Finder {
  std::atomic<std::size_t> asked = 0;
  SharedSearch::Find find() {
    return [this](std::span<const Rid> rids) -> Result<RowBlock> {
      asked += rids.size();
      RowBlock rows{.rids = {rids.begin(), rids.end()}, .columns = std::vector<CellColumn>(1)};
      for (const Rid rid : rids) rows.columns[0].push_integer(static_cast<std::int64_t>(rid));
      return rows;
    };
  }
};

void check(SharedSearch& search, const std::vector<Rid>& rids) {
  const std::optional<Result<RowBlock>> taken = search.take(rids);
  REQUIRE(taken.has_value());
  CHECK(must(*taken).rids == rids);
}

}  // namespace

TEST_CASE("shared search: a piece taken before an add is not taken again") {
  const std::vector<Rid> first = rids_from(0, 200), second = rids_from(1, 130);
  SharedSearch search;
  Finder finder;
  search.add(first);
  CHECK(search.help(finder.find(), From::kLast));
  search.add(second);
  CHECK(search.help(finder.find(), From::kFirst));
  search.finish(finder.find(), From::kLast);
  CHECK(finder.asked == first.size() + second.size());
  check(search, second);
  check(search, first);
  CHECK_FALSE(search.take(rids_from(0, 199)).has_value());
  CHECK_FALSE(search.help(finder.find(), From::kFirst));
}

TEST_CASE("shared search: two threads read each row once") {
  for (int round = 0; round < 200; ++round) {
    SharedSearch search;
    Finder finder;
    std::atomic<bool> ended = false;
    std::thread helper([&] {
      while (!ended) search.help(finder.find(), From::kLast);
    });
    std::size_t rows = 0;
    std::vector<std::vector<Rid>> lists;
    for (const std::size_t count : {1U, 64U, 65U, 640U, 7U}) {
      search.add(lists.emplace_back(rids_from(rows, count)));
      rows += count;
    }
    search.finish(finder.find(), From::kFirst);
    for (const std::vector<Rid>& list : lists) check(search, list);
    CHECK(finder.asked == rows);
    ended = true;
    helper.join();
  }
}
