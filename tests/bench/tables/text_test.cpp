// Check characters are those of the standards' own examples, and cells are spelled as our datasets
// keep them.
#include "bench/tables/text.hpp"

#include <doctest/doctest.h>

using namespace rootlet::bench;

TEST_CASE("invented text: check characters are those of the standards' examples") {
  CHECK(identity_check("11010519491231002") == 'X');  // GB 11643
  CHECK(organisation_check("D2143569") == 'X');       // GB 11714
  CHECK(credit_check("91350100M000100Y4") == '3');    // GB 32100
  CHECK(account_check("7992739871") == '3');          // Luhn's usual example
}

TEST_CASE("invented text: dates, times and amounts have the spellings that are kept") {
  CHECK(date_text(20'240) == "2025-06-01");
  CHECK(month_text(20'240) == "2025-06");
  CHECK(time_text(20'240 * kDaySeconds + 8 * 3600 + 65) == "2025-06-01 08:01:05");
  CHECK(cents_text(123'450) == "1234.50");
  CHECK(cents_text(-5) == "-0.05");
  CHECK(digits_text(42, 5) == "00042");
  CHECK(identity_number(110'105, -7'306, 2) == "11010519491231002X");
}
