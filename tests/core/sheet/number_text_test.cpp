// Numbers and dates of spreadsheets as text.
#include "core/sheet/xlsx/number_text.hpp"

#include "tests/support/support.hpp"

using namespace rootlet;
using Kind = NumberFormat::Kind;

namespace {

std::string text_of(std::string_view raw, NumberFormat format = {},
                    DateSystem system = DateSystem::k1900) {
  const NumberText read = number_text(raw, format, system);
  return read.problem ? "!" + read.problem->en : read.text;
}

}  // namespace

TEST_CASE("numbers: the shortest decimal, as people see it, and never an exponent") {
  for (const auto& [raw, text] : std::vector<std::pair<std::string, std::string>>{
           {"0", "0"},
           {"-0", "0"},
           {"7", "7"},
           {"-12", "-12"},
           {"1.50", "1.5"},
           {"4.3499999999999996", "4.35"},
           {"0.30000000000000004", "0.3"},
           {"0.1", "0.1"},
           {"1E-5", "0.00001"},
           {"1.1000000000000001E+2", "110"},
           {"1.2345678901234E+14", "123456789012340"},
           {"110101900307881", "110101900307881"},
           {"999999999999999", "999999999999999"},
           {"13800000000", "13800000000"},
           {"1e-30", "0." + std::string(29, '0') + "1"},
           {"+5", "5"}}) {
    CAPTURE(raw);
    CHECK(text_of(raw) == text);
  }
}

TEST_CASE("numbers: one of more than fifteen digits was rounded, and is refused") {
  for (const char* raw :
       {"1.10101199003078E+17", "110101199003078888", "1000000000000000", "-1E+15", "1e300"}) {
    CHECK(text_of(raw) == "!the spreadsheet has rounded this number");
  }
  for (const char* raw : {"", "x", "1,5", "0x10", "nan", "inf", "1e999", "1 2", "12a"}) {
    CAPTURE(raw);
    CHECK(text_of(raw) == "!the file holds no number here");
  }
}

TEST_CASE("numbers: a format of zeros keeps the zeros in front") {
  CHECK(text_of("42", format_of_code("000000")) == "000042");
  CHECK(text_of("1234567", format_of_code("000000")) == "1234567");
  CHECK(text_of("-42", format_of_code("000000")) == "-42");
  CHECK(text_of("4.5", format_of_code("000")) == "4.5");
  CHECK(text_of("42", format_of_code("0")) == "42");
  CHECK(text_of("42", format_of_code("0.00")) == "42");
}

TEST_CASE("dates: by the number of a format, and by its letters") {
  for (const std::uint32_t id : {14U, 15U, 16U, 17U, 27U, 31U, 36U, 50U, 57U, 58U}) {
    CHECK(format_of_id(id).kind == Kind::kDate);
  }
  for (const std::uint32_t id : {18U, 19U, 20U, 21U, 32U, 45U, 47U, 55U}) {
    CHECK(format_of_id(id).kind == Kind::kTime);
  }
  CHECK(format_of_id(22).kind == Kind::kDateTime);
  CHECK(format_of_id(46).kind == Kind::kElapsed);
  for (const std::uint32_t id : {0U, 1U, 2U, 9U, 11U, 13U, 23U, 37U, 44U, 48U, 49U, 164U}) {
    CHECK(format_of_id(id).kind == Kind::kNumber);
  }
  for (const auto& [code, kind] :
       std::vector<std::pair<std::string, Kind>>{{"yyyy-mm-dd", Kind::kDate},
                                                 {"yyyy\"年\"m\"月\"d\"日\";@", Kind::kDate},
                                                 {"[$-804]yyyy\"年\"m\"月\"", Kind::kDate},
                                                 {"mmm", Kind::kDate},
                                                 {"YYYY/M/D H:MM", Kind::kDateTime},
                                                 {"h:mm AM/PM", Kind::kTime},
                                                 {"mm:ss.0", Kind::kTime},
                                                 {"[h]:mm:ss", Kind::kElapsed},
                                                 {"[mm]:ss", Kind::kElapsed},
                                                 {"General", Kind::kNumber},
                                                 {"G/通用格式\"元\"", Kind::kNumber},
                                                 {"0.00", Kind::kNumber},
                                                 {"#,##0.00_);[Red](#,##0.00)", Kind::kNumber},
                                                 {"\"days\" 0", Kind::kNumber},
                                                 {"0\\d", Kind::kNumber},
                                                 {"0.00E+00", Kind::kNumber},
                                                 {"@", Kind::kNumber},
                                                 {"", Kind::kNumber},
                                                 {"\"", Kind::kNumber},
                                                 {"[", Kind::kNumber},
                                                 {"\\", Kind::kNumber},
                                                 {"[Magenta]0", Kind::kNumber}}) {
    CAPTURE(code);
    CHECK(format_of_code(code).kind == kind);
  }
}

TEST_CASE("dates: ISO, in both systems, and days that never were are refused") {
  const NumberFormat date{Kind::kDate}, both{Kind::kDateTime}, time{Kind::kTime};
  CHECK(text_of("45292", date) == "2024-01-01");
  CHECK(text_of("45292.75", date) == "2024-01-01");
  CHECK(text_of("45292.75", both) == "2024-01-01T18:00:00");
  CHECK(text_of("45292", both) == "2024-01-01T00:00:00");
  CHECK(text_of("1", date) == "1900-01-01");
  CHECK(text_of("59", date) == "1900-02-28");
  CHECK(text_of("61", date) == "1900-03-01");
  CHECK(text_of("2958465", date) == "9999-12-31");
  CHECK(text_of("45291.999999999", both) == "2024-01-01T00:00:00");
  CHECK(text_of("43830", date, DateSystem::k1904) == "2024-01-01");
  CHECK(text_of("0", date, DateSystem::k1904) == "1904-01-01");
  CHECK(text_of("0.5", time) == "12:00:00");
  CHECK(text_of("0.5", time, DateSystem::k1904) == "12:00:00");
  CHECK(text_of("45292.25", time) == "06:00:00");
  CHECK(text_of("1.5", {Kind::kElapsed}) == "36:00:00");
  for (const char* raw : {"0", "0.5", "60", "60.5"}) {
    CHECK(text_of(raw, date) == "!the number is a day that never was");
  }
  for (const char* raw : {"-1", "2958466", "1e14"}) {
    CHECK(text_of(raw, date) == "!the number is no date or time");
  }
}
