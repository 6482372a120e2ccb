// Cells that a spreadsheet would compute are guarded, and come back as they were.
#include "core/format/spreadsheet_cell.hpp"

#include "core/format/csv.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using rootlet::test::must;

namespace {

std::string guarded(std::string_view text) {
  std::string scratch;
  return std::string(guarded_cell(text, scratch));
}

}  // namespace

TEST_CASE("spreadsheet: what computes is guarded, and numbers are not") {
  for (const char* formula :
       {"=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "="}) {
    CAPTURE(formula);
    CHECK(guarded(formula) == "'" + std::string(formula));
  }
  for (const char* plain :
       {"", "王小明", "007", "-5", "+8613812341234", "-0.5", "1-2", "a=b", "'a'"}) {
    CAPTURE(plain);
    CHECK(guarded(plain) == plain);
  }
}

TEST_CASE("spreadsheet: every text comes back, also one that had an apostrophe") {
  for (const char* text : {"=1", "'=1", "''=1", "'", "''", "'x", "-", "-1", "'-1", "'-x", "+", "@",
                           "110105199001011234", "0012", "\t", "'\t", ""}) {
    CAPTURE(text);
    CHECK(unguarded_cell(guarded(text)) == text);
    std::string row;
    const std::string cell = guarded(text);
    append_csv_row(row, std::vector<std::string_view>{cell, "x"});
    CsvReader reader = CsvReader::over(row, "row");
    REQUIRE(must(reader.next()));
    CHECK(unguarded_cell(reader.field(0)) == text);
  }
}
