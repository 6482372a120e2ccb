// Each rule for single values, with valid and invalid values.
#include "sync/uplink/form/validators.hpp"

#include <array>

#include "sync/uplink/form/pattern.hpp"
#include "tests/support/support.hpp"

namespace rootlet {
namespace {

using test::code_of;
using test::must;

TEST_CASE("validators: identity numbers of GB 11643") {
  CHECK(flaw_of_id_card("11010519491231002X") == IdCardFlaw::kNone);
  CHECK(flaw_of_id_card("440524188001010014") == IdCardFlaw::kNone);
  CHECK(flaw_of_id_card("11010519491231002x") == IdCardFlaw::kCharacters);
  CHECK(flaw_of_id_card("110105194912310021") == IdCardFlaw::kChecksum);
  CHECK(flaw_of_id_card("11010519490231002X") == IdCardFlaw::kDate);
  CHECK(flaw_of_id_card("11010519491331002X") == IdCardFlaw::kDate);
  CHECK(flaw_of_id_card("1101051949123100") == IdCardFlaw::kLength);
  CHECK(flaw_of_id_card("1101051949123100 X") == IdCardFlaw::kCharacters);
  CHECK(flaw_of_id_card("") == IdCardFlaw::kLength);
}

TEST_CASE("validators: one mistyped digit or two swapped neighbours never pass as an id") {
  const std::string good = "11010519491231002X";
  for (std::size_t i = 0; i < 17; ++i) {
    for (char c = '0'; c <= '9'; ++c) {
      std::string bad = good;
      if (bad[i] == c) continue;
      bad[i] = c;
      CHECK(flaw_of_id_card(bad) != IdCardFlaw::kNone);
    }
    if (i > 0 && good[i] != good[i - 1]) {
      std::string bad = good;
      std::swap(bad[i], bad[i - 1]);
      CHECK(flaw_of_id_card(bad) != IdCardFlaw::kNone);
    }
  }
}

TEST_CASE("validators: an abolished or unknown prefix of an id is valid") {
  // Computes the check character here from the published weights, independently of the code.
  constexpr std::array<int, 17> kWeights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  for (const char* prefix : {"512221", "830000", "910105", "000000"}) {
    std::string text = std::string(prefix) + "19800229" + "001";
    int sum = 0;
    for (std::size_t i = 0; i < 17; ++i) sum += kWeights[i] * (text[i] - '0');
    text.push_back("10X98765432"[sum % 11]);
    CHECK(flaw_of_id_card(text) == IdCardFlaw::kNone);
  }
}

TEST_CASE("validators: credit codes of GB 32100") {
  CHECK(flaw_of_uscc("91350100M000100Y43") == UsccFlaw::kNone);
  CHECK(flaw_of_uscc("91350100M000100Y44") == UsccFlaw::kChecksum);
  CHECK(flaw_of_uscc("91350100M000100I43") == UsccFlaw::kCharacters);
  CHECK(flaw_of_uscc("91350100m000100Y43") == UsccFlaw::kCharacters);
  CHECK(flaw_of_uscc("91350100M000100Y4") == UsccFlaw::kLength);
}

TEST_CASE("validators: division codes, phones, dates and times") {
  for (const char* good : {"33", "3304", "330482", "330482100", "330482100001"}) {
    CHECK(is_division_code(good));
  }
  for (const char* bad : {"", "3", "all", "33048", "33048A", "3304821000010"}) {
    CHECK(!is_division_code(bad));
  }
  for (const char* good : {"13800138000", "19912345678", "0571-88888888", "010-8888888",
                           "057188888888", "0571-88888888-801", "400-820-8820", "4008208820"}) {
    CAPTURE(good);
    CHECK(is_phone(good));
  }
  for (const char* bad : {"", "12800138000", "1380013800", "138001380000", "88888888", "0571-8888",
                          "0571-88888888-", "+8613800138000", "138 0013 8000", "400-820-882"}) {
    CAPTURE(bad);
    CHECK(!is_phone(bad));
  }
  CHECK(is_date("2024-02-29"));
  for (const char* bad : {"2023-02-29", "2024-2-29", "20240229", "2024-00-10", "1799-01-01", ""}) {
    CHECK(!is_date(bad));
  }
  for (const char* good : {"2026-11-21T08:00:00Z", "2026-11-21 08:00", "2026-11-21 08:00:59"}) {
    CHECK(is_datetime(good));
  }
  for (const char* bad : {"2026-11-21", "2026-11-21T08:00:00", "2026-11-21 24:00",
                          "2026-11-21 08:60", "2026-11-21 8:00", "2026-11-31 08:00"}) {
    CHECK(!is_datetime(bad));
  }
}

TEST_CASE("validators: decimals are scaled exactly or rejected") {
  CHECK(scaled_decimal("12.5", 2) == 1250);
  CHECK(scaled_decimal("-0.05", 2) == -5);
  CHECK(scaled_decimal("7", 0) == 7);
  CHECK(scaled_decimal("9223372036854775807", 0) == INT64_MAX);
  for (const char* bad :
       {"9223372036854775808", "1.234", "1.", ".5", "", "-", "1e3", "+1", "1,000"}) {
    CAPTURE(bad);
    CHECK(!scaled_decimal(bad, 2).has_value());
  }
}

TEST_CASE("pattern: matches and rejects") {
  struct Case {
    const char *pattern, *good, *bad;
  };
  for (const Case& each :
       {Case{"^\\d{3}$", "123", "12"}, Case{"[A-Z]{1,2}\\d*", "AB12", "ABC1"},
        Case{"浙[A-Z]·[A-Z0-9]{5}", "浙A·12345", "浙A12345"}, Case{"a|b+", "bbb", "ab"},
        Case{"x?y", "y", "xx"}, Case{"[^0-9]+", "abc", "ab1"}, Case{"a{2,}", "aaaaa", "a"},
        Case{"\\.[.]", "..", ".a"}, Case{"[\\d\\-]+", "1-2", "1_2"}}) {
    CAPTURE(each.pattern);
    const Pattern pattern = must(Pattern::parse(each.pattern));
    CHECK(pattern.matches(each.good));
    CHECK(!pattern.matches(each.bad));
  }
}

TEST_CASE("pattern: a pattern outside this small language is rejected") {
  for (const char* bad : {"(a)", "a**", "*", "[a", "a{3,1}", "a{9999}", "\\w", "[z-a]", "a{", "\\",
                          "[]", "a{1000}b{1000}"}) {
    CAPTURE(bad);
    CHECK(code_of(Pattern::parse(bad)) == ErrorCode::kBadInput);
  }
}

TEST_CASE("pattern: the classic trap for backtracking takes no time") {
  const Pattern pattern = must(Pattern::parse("a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a*a*a*b"));
  CHECK(!pattern.matches(std::string(10'000, 'a')));
}

}  // namespace
}  // namespace rootlet
