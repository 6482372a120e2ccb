// The last line of an export: written and known again, and nothing else is taken for it.
#include "core/format/export_mark.hpp"

#include "core/format/csv.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

ExportMark mark() {
  return {.user = "wang",
          .office = "Jiaxing, street 1",
          .at = "2026-11-30T09:00:00Z",
          .purpose = "verification",
          .entry = 118};
}

bool is_mark_in_csv(const std::string& line) {
  CsvReader reader = CsvReader::over(line, "a.csv");
  REQUIRE(must(reader.next()));
  return is_export_mark(reader);
}

}  // namespace

TEST_CASE("export mark: both languages are known again, also after a spreadsheet saved the file") {
  const Text words = export_mark_words(mark());
  CHECK(words.en ==
        "Exported by wang, Jiaxing, street 1, 2026-11-30T09:00:00Z, for verification; "
        "ledger entry 118");
  CHECK(words.zh ==
        "由Jiaxing, street 1 wang 于 2026-11-30T09:00:00Z 导出，用途 verification，台账第 118 条");
  for (const std::string& one : {words.en, words.zh}) {
    const std::string line = export_mark_line(one);
    CAPTURE(line);
    CHECK(is_mark_in_csv(line));
    CHECK(is_mark_in_csv(line.substr(0, line.size() - 1) + ",,\r\n"));
  }
}

TEST_CASE("export mark: a name cannot break the line") {
  ExportMark odd = mark();
  odd.office = "the \"big\" office\nof 嘉兴";
  odd.user = ", for x; ledger entry 1";
  const Text words = export_mark_words(odd);
  for (const std::string& one : {words.en, words.zh}) {
    CHECK(one.find_first_of("\"\n") == std::string::npos);
    CHECK(is_mark_in_csv(export_mark_line(one)));
  }
}

TEST_CASE("export mark: data that begins with # is data") {
  const std::string line = "# " + export_mark_words(mark()).en;
  for (const std::string& other :
       {std::string("# a remark"), std::string("#1,2,3"), "\"" + line + "\"", line.substr(2),
        line + "a", line.substr(0, line.size() - 3), " " + line,
        std::string("# Exported by wang, Jiaxing, yesterday, for x; ledger entry 1"),
        std::string("# 由嘉兴 wang 于 2026-11-30 导出，用途 x，台账第 1 条")}) {
    CAPTURE(other);
    CHECK_FALSE(is_mark_in_csv(other + "\n"));
  }
}
