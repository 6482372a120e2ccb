// Spellings of booleans, dates, times and numbers: what is taken for what, and what is refused.
#include "core/format/spelling.hpp"

#include "core/format/exact_json.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::test;

TEST_CASE("spelling: booleans as people and programs write them") {
  for (const char* yes : {"true", "TRUE", "True", "1", "yes", "Y", "t", "是"}) {
    CHECK_MESSAGE(spelled_boolean(yes) == true, yes);
  }
  for (const char* no : {"false", "FALSE", "0", "No", "n", "F", "否"}) {
    CHECK_MESSAGE(spelled_boolean(no) == false, no);
  }
  for (const char* neither : {"", "2", "ja", "truely", "有", " true"}) {
    CHECK_MESSAGE(!spelled_boolean(neither).has_value(), neither);
  }
}

TEST_CASE("spelling: a date that exists, in every usual form") {
  for (const char* date : {"2026-01-05", "2026-1-5", "2026/1/5", "2026/01/05", "2026.1.5",
                           "20260105", "2026年1月5日"}) {
    CHECK_MESSAGE(spelled_date(date) == "2026-01-05", date);
  }
  CHECK(spelled_date("2024-2-29") == "2024-02-29");
  for (const char* none :
       {"", "2026-02-29", "2026-13-01", "2026-1-32", "26-1-5", "2026-1/5", "1/5/2026", "2026-1-5 ",
        "46053", "2026年1月5", "202615", "2026-01-05T00:00", "0000-01-01"}) {
    CHECK_MESSAGE(!spelled_date(none).has_value(), none);
  }
}

TEST_CASE("spelling: a local time stays local, a time with an offset becomes UTC") {
  struct Case {
    const char *in, *out;
  };
  for (const Case& one : {Case{"2026-01-31 08:00", "2026-01-31 08:00:00"},
                          {"2026/1/31 8:05", "2026-01-31 08:05:00"},
                          {"2026-01-31T08:00:30", "2026-01-31 08:00:30"},
                          {"2026-01-31T08:00:00+08:00", "2026-01-31T00:00:00Z"},
                          {"2026-01-01 02:00:00+0800", "2025-12-31T18:00:00Z"},
                          {"2026-01-31T08:00:00Z", "2026-01-31T08:00:00Z"},
                          {"2026-12-31T20:00-0430", "2027-01-01T00:30:00Z"}}) {
    CHECK_MESSAGE(spelled_datetime(one.in) == one.out, one.in);
  }
  for (const char* none :
       {"2026-01-31", "2026-01-31 24:00", "2026-01-31 08:60", "2026-01-31 8", "2026-02-30 08:00",
        "2026-01-31T08:00+25:00", "2026-01-31T08:00 +08:00", "2026-01-31 08:00:00.5"}) {
    CHECK_MESSAGE(!spelled_datetime(none).has_value(), none);
  }
}

TEST_CASE("spelling: the traces that spreadsheets leave are recognised") {
  for (const char* lossy : {"1.10105E+17", "3E+11", "9.99E+20"})
    CHECK(is_spreadsheet_number(lossy));
  for (const char* text :
       {"1.5E+3", "E+17", "1.10105e+17", "A1E+17", "1.E+17", "12E+17", "1.1E+1x", ""}) {
    CHECK_MESSAGE(!is_spreadsheet_number(text), text);
  }
  CHECK(date_of_day_number("46053") == "2026-01-31");
  CHECK(date_of_day_number("45351") == "2024-02-29");
  CHECK_FALSE(date_of_day_number("2026").has_value());
  CHECK(has_number_comma("1,234"));
  CHECK(has_number_comma("1,50"));
  CHECK_FALSE(has_number_comma("1234.5"));
  CHECK_FALSE(has_number_comma("a,b"));
}

TEST_CASE("spelling: blanks at the ends and full-width characters are no part of a code") {
  std::string scratch;
  CHECK(plain_code(" \xc2\xa0１２Ｘ\xe2\x80\x8b", scratch) == "12X");
  CHECK(plain_code("12", scratch) == "12");
  CHECK(plain_code("\xe3\x80\x80", scratch).empty());
}

TEST_CASE("exact json: numbers keep every digit they were written with") {
  struct Case {
    const char *in, *out;
  };
  for (const Case& one : {Case{"90071992547409.93", "\"90071992547409.93\""},
                          {"1234567.123456789", "\"1234567.123456789\""},
                          {"12.50", "\"12.50\""},
                          {"-0.10", "\"-0.10\""},
                          {"1.5e3", "\"1500\""},
                          {"25e-2", "\"0.25\""},
                          {"-1.20E+1", "\"-12\""},
                          {"123456789012345678901", "\"123456789012345678901\""},
                          {"18446744073709551615", "\"18446744073709551615\""},
                          {"-9223372036854775808", "-9223372036854775808"},
                          {"42", "42"}}) {
    const json::value value = must(parse_exact_json(one.in, "test"));
    CHECK_MESSAGE(json::serialize(value) == one.out, one.in);
  }
  const json::value nested =
      must(parse_exact_json(R"({"a":[1.10,{"b":"x\n"},null,true],"c":2})", "test"));
  CHECK(json::serialize(nested) == R"({"a":["1.10",{"b":"x\n"},null,true],"c":2})");
  CHECK(parse_exact_json("{\"a\":1.}", "test").has_error());
  CHECK(parse_exact_json("1e999999", "test").value().is_string());
  CHECK(parse_exact_json("", "test").has_error());
}

TEST_CASE("exact json: random decimals come back digit for digit") {
  std::uint64_t seed = 0;
  std::mt19937_64 random = seeded(seed);
  CAPTURE(seed);
  for (int round = 0; round < 2'000; ++round) {
    std::string number = std::to_string(random() % 1'000'000'000'000) + ".";
    for (std::size_t i = 0; i < 1 + random() % 9; ++i)
      number += static_cast<char>('0' + random() % 10);
    CHECK(must(parse_exact_json("[" + number + "]", "test")).as_array()[0].as_string() == number);
  }
}
