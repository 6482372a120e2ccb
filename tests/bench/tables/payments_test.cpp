// The synthetic log of payments is what it says: the same on every machine, running numbers, valid
// account and identity numbers, and days that change what they promise.
#include "bench/tables/payments/payments.hpp"

#include <doctest/doctest.h>

#include <set>

#include "bench/tables/text.hpp"
#include "tests/bench/tables/table_change.hpp"

using namespace rootlet::bench;

namespace {

enum Column : std::size_t {
  kIdNumber = 1,
  kAmount = 7,
  kAccount = 9,
  kStatus = 13,
  kReverses = 14,
  kChangedAt = 18
};

RowsByKey<PaymentRow> table_of(const Payments& payments) {
  return rows_by_key<PaymentRow>(payments);
}

PaymentOptions small() {
  PaymentOptions options;
  options.rows = 6'000;
  return options;
}

}  // namespace

TEST_CASE("payments: the same options give the same rows") {
  Payments one(small()), two(small());
  one.next_day();
  two.next_day();
  CHECK(table_of(one) == table_of(two));
  PaymentOptions other = small();
  other.seed = 12;
  CHECK(table_of(Payments(other)) != table_of(Payments(small())));
}

TEST_CASE("payments: numbers run upwards, and identity and account numbers are valid") {
  const Payments payments(small());
  CHECK(payments.size() == 6'000);
  std::string last;
  std::set<std::string> people;
  payments.for_each([&](const PaymentRow& row) {
    CHECK(row[0] > last);
    last = row[0];
    REQUIRE(row[kIdNumber].size() == 18);
    CHECK(row[kIdNumber].back() == identity_check(row[kIdNumber]));
    const std::string& account = row[kAccount];
    REQUIRE(account.size() == 19);
    CHECK(account.back() == account_check(std::string_view(account).substr(0, 18)));
    people.insert(row[kIdNumber]);
  });
  CHECK(people.size() < 1'500);  // each is paid again and again
}

TEST_CASE("payments: no cell needs quotes in a CSV file") {
  Payments(small()).for_each([](const PaymentRow& row) {
    for (const std::string& cell : row) CHECK(cell.find_first_of(",\"\n") == std::string::npos);
  });
}

TEST_CASE("payments: a day changes one per cent, of it 83 % new payments and no deletes") {
  Payments payments(small());
  const RowsByKey<PaymentRow> before = table_of(payments);
  payments.next_day();
  const TableChange change = change_between(before, table_of(payments));
  CHECK(change.deleted == 0);
  CHECK(change.inserted == 50);
  CHECK(change.updated == 10);
  CHECK(change.columns.at(kChangedAt) == 10);
}

TEST_CASE(
    "payments: a reversal names an older payment, which is marked, and takes its amount back") {
  Payments payments(small());
  payments.next_day(100);
  const RowsByKey<PaymentRow> rows = table_of(payments);
  std::size_t reversals = 0;
  for (const auto& [key, row] : rows) {
    if (row[kReverses].empty()) continue;
    ++reversals;
    const PaymentRow& reversed = rows.at(row[kReverses]);
    CHECK(row[kReverses] < key);
    CHECK(reversed[kStatus] == "已冲正");
    CHECK(row[kAmount] == "-" + reversed[kAmount]);
  }
  CHECK(reversals == 18);
}

TEST_CASE("payments: a bulk day marks one month as audited and touches nothing else") {
  Payments payments(small());
  const RowsByKey<PaymentRow> before = table_of(payments);
  payments.bulk_day();
  const TableChange change = change_between(before, table_of(payments));
  CHECK(change.deleted + change.inserted == 0);
  CHECK(change.updated > 1'200);
  CHECK(change.updated < 2'400);
  CHECK(change.columns.size() == 2);
  CHECK(change.columns.at(kStatus) == change.updated);
}
