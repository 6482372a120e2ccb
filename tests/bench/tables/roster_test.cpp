// The synthetic roster is what it says: the same on every machine, valid identity numbers, and days
// that change what they promise.
#include "bench/tables/roster/roster.hpp"

#include <doctest/doctest.h>

#include <set>

#include "bench/tables/text.hpp"
#include "tests/bench/tables/table_change.hpp"

using namespace rootlet::bench;

namespace {

RowsByKey<RosterRow> table_of(const Roster& roster) {
  return rows_by_key<RosterRow>(roster);
}

RosterOptions small() {
  RosterOptions options;
  options.rows = 5'000;
  return options;
}

}  // namespace

TEST_CASE("roster: the same options give the same rows") {
  Roster one(small()), two(small());
  one.next_day();
  two.next_day();
  CHECK(table_of(one) == table_of(two));
  RosterOptions other = small();
  other.seed = 2;
  CHECK(table_of(Roster(other)) != table_of(Roster(small())));
}

TEST_CASE("roster: identity numbers are distinct, valid and agree with sex and birth date") {
  const Roster roster(small());
  CHECK(roster.size() == 5'000);
  CHECK(identity_check("11010519491231002") == 'X');  // the standard's own example
  std::set<std::string> numbers;
  roster.for_each([&](const RosterRow& row) {
    REQUIRE(row[0].size() == 18);
    CHECK(numbers.insert(row[0]).second);
    CHECK(row[0].back() == identity_check(row[0]));
    CHECK(row[0].substr(6, 4) + "-" + row[0].substr(10, 2) + "-" + row[0].substr(12, 2) == row[3]);
    CHECK(((row[0][16] - '0') % 2 == 1) == (row[2] == "男"));
  });
}

TEST_CASE(
    "roster: a day changes one per cent, of it six tenths updates, three inserts, one deletes") {
  Roster roster(small());
  const RowsByKey<RosterRow> before = table_of(roster);
  roster.next_day();
  const TableChange change = change_between(before, table_of(roster));
  CHECK(change.deleted == 5);
  CHECK(change.inserted == 15);
  CHECK(change.updated == 30);
  CHECK(change.columns.at(13) == 30);  // every change of a row sets the time
}

TEST_CASE("roster: a bulk day raises about a fifth of the benefits and touches nothing else") {
  Roster roster(small());
  const RowsByKey<RosterRow> before = table_of(roster);
  roster.bulk_day();
  const TableChange change = change_between(before, table_of(roster));
  CHECK(change.deleted + change.inserted == 0);
  CHECK(change.updated > 700);
  CHECK(change.updated < 1'300);
  CHECK(change.columns.size() <= 3);
  CHECK(change.columns.at(9) == change.updated);
}
