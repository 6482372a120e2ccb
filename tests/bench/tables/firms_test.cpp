// The synthetic register of firms is what it says: the same on every machine, valid credit codes,
// and days that change what they promise.
#include "bench/tables/firms/firms.hpp"

#include <doctest/doctest.h>

#include <set>

#include "bench/tables/text.hpp"
#include "tests/bench/tables/table_change.hpp"

using namespace rootlet::bench;

namespace {

enum Column : std::size_t { kUpdatedAt = 19, kUpdatedBy = 20, kStatus = 13, kRating = 18 };

RowsByKey<FirmRow> table_of(const Firms& firms) {
  return rows_by_key<FirmRow>(firms);
}

FirmOptions small() {
  FirmOptions options;
  options.rows = 4'000;
  return options;
}

}  // namespace

TEST_CASE("firms: the same options give the same rows") {
  Firms one(small()), two(small());
  one.next_day();
  two.next_day();
  CHECK(table_of(one) == table_of(two));
  FirmOptions other = small();
  other.seed = 8;
  CHECK(table_of(Firms(other)) != table_of(Firms(small())));
}

TEST_CASE("firms: credit codes are distinct and both of their check characters are valid") {
  const Firms firms(small());
  CHECK(firms.size() == 4'000);
  std::set<std::string> codes;
  firms.for_each([&](const FirmRow& row) {
    const std::string& code = row[0];
    REQUIRE(code.size() == 18);
    CHECK(codes.insert(code).second);
    CHECK(code.substr(0, 1) == "9");
    CHECK(code.substr(2, 6) == "330482");
    CHECK(code[16] == organisation_check(code.substr(8, 8)));
    CHECK(code[17] == credit_check(code));
  });
}

TEST_CASE("firms: no cell needs quotes in a CSV file") {
  Firms(small()).for_each([](const FirmRow& row) {
    for (const std::string& cell : row) CHECK(cell.find_first_of(",\"\n") == std::string::npos);
  });
}

TEST_CASE(
    "firms: a day changes one per cent, of it 65 % updates, a quarter inserts, a tenth deletes") {
  Firms firms(small());
  const RowsByKey<FirmRow> before = table_of(firms);
  firms.next_day();
  const RowsByKey<FirmRow> after = table_of(firms);
  const TableChange change = change_between(before, after);
  CHECK(change.deleted == 4);
  CHECK(change.inserted == 10);
  CHECK(change.updated == 26);
  CHECK(change.columns.at(kUpdatedAt) == 26);  // every change of a row sets the time
  for (const auto& [key, row] : before) {
    if (!after.contains(key)) CHECK(row[kStatus] == "注销");
  }
}

TEST_CASE("firms: a bulk day changes about a fifth of the ratings and touches nothing else") {
  Firms firms(small());
  const RowsByKey<FirmRow> before = table_of(firms);
  firms.bulk_day();
  const TableChange change = change_between(before, table_of(firms));
  CHECK(change.deleted + change.inserted == 0);
  CHECK(change.updated > 650);
  CHECK(change.updated < 950);
  CHECK(change.columns.at(kRating) == change.updated);
  for (const auto& [column, count] : change.columns) {
    CHECK((column == kRating || column == kUpdatedAt || column == kUpdatedBy));
  }
}
