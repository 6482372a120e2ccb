// CSV from anywhere as a sheet; our own exports come back.
#include "core/sheet/csv_text.hpp"
#include "tests/core/sheet/zip_maker.hpp"

using namespace rootlet;
using namespace rootlet::test;
using namespace std::string_literals;

TEST_CASE("csv sheet: UTF-8 with and without a mark, UTF-16 and GB 18030 are the same table") {
  const Table wanted{{"身份证号", "姓名"}, {"110101199003078888", "王"}, {"011010119900307", ""}};
  Table read_back = wanted;
  read_back[2].pop_back();
  CHECK(read("身份证号,姓名\n110101199003078888,王\n011010119900307,\n") == read_back);
  CHECK(read("\xEF\xBB\xBF身份证号,姓名\r\n110101199003078888,王\r\n011010119900307,\r\n") ==
        read_back);
  CHECK(read("\xC9\xED\xB7\xDD\xD6\xA4\xBA\xC5,\xD0\xD5\xC3\xFB\n110101199003078888,\xCD\xF5\n"
             "011010119900307,\n") == read_back);
}

TEST_CASE("csv sheet: commas, semicolons and tabs, as the first line has them") {
  const Table wanted{{"a", "b,c"}, {"1", "2"}};
  CHECK(read("a;\"b,c\"\n1;2\n") == wanted);
  CHECK(read("a\t\"b,c\"\n1\t2\n") == wanted);
  CHECK(read("a,\"b,c\"\n1,2\n") == wanted);
  CHECK(read("sep=;\na;\"b,c\"\n1;2\n") == wanted);
  CHECK(read("\n\r\na;\"b,c\"\n1;2") == wanted);
}

TEST_CASE("csv sheet: an export of ours comes back without its mark and its guards") {
  const Table wanted{{"code", "name"}, {"007", "=1+1"}, {"110101199003078888", "# note"}};
  const std::string rows = "code,name\n007,\"'=1+1\"\n110101199003078888,\"# note\"\n";
  const std::string en =
      "# Exported by wang, Jiaxing \"office, 2024-01-01T00:00:00Z, for audit; ledger entry 7\n";
  const std::string zh = "# 由嘉兴 王 于 2024-01-01T00:00:00Z 导出，用途 audit，台账第 7 条\r\n";
  CHECK(read(rows + en) == wanted);
  CHECK(read("\xEF\xBB\xBF" + rows + zh) == wanted);
  CHECK(read(en + zh + rows) == wanted);
  CHECK(read(rows + en.substr(0, en.size() - 1)) == wanted);
}

TEST_CASE("csv sheet: what only looks like a mark stays") {
  CHECK(read("# 序号,名\n1,王\n") == Table{{"# 序号", "名"}, {"1", "王"}});
  CHECK(read("a\n\"x\n# Exported by w; ledger entry 1\ny\"\n") ==
        Table{{"a"}, {"x\n# Exported by w; ledger entry 1\ny"}});
  CHECK(read("#\n#x\n") == Table{{"#"}, {"#x"}});
  CHECK(read("#" + std::string(5000, 'x') + "\n1\n") ==
        Table{{"#" + std::string(5000, 'x')}, {"1"}});
  CHECK_FALSE(is_watermark("# Exported by hand"));
  CHECK_FALSE(is_watermark("# 由镇里导出"));
}

TEST_CASE("csv sheet: rows keep their numbers, and empty ones are left out") {
  const std::string text = "a,b\n\n,\n1,2,,\n# Exported by w; ledger entry 1\n3\n";
  Sheet sheet = must(Sheet::open(as_bytes(text), "file"));
  std::vector<std::uint64_t> numbers;
  for (SheetRow row; must(sheet.next(row));) numbers.push_back(row.number);
  CHECK(numbers == std::vector<std::uint64_t>{1, 4, 6});
}

TEST_CASE("csv sheet: headings are named once each, and every cell stands under one") {
  const auto problem = [](const std::string& text) {
    Result<SheetTable> table = SheetTable::over(must(Sheet::open(as_bytes(text), "file")));
    if (table.has_error()) return table.error();
    SheetRow row;
    while (true) {
      const Result<bool> more = table.value().next(row);
      if (more.has_error()) return more.error();
      REQUIRE(more.value());
    }
  };
  CHECK(problem("a,,c\n1,2,3\n").field == "B1");
  const Error twice = problem("a,b, a \n1,2,3\n");
  CHECK(twice.field == "C1");
  CHECK(twice.message == "file: cell C1: the heading is the same as that of A1");
  CHECK(twice.hint.zh == "单元格 C1：表头与 A1 重复。请为每列使用不同的表头。");
  CHECK(problem("a,b\n1,2\n1,2,,x\n").field == "D3");
  CHECK(problem("").field == "A1");
  CHECK(problem("\n,,\n").field == "A1");
}

TEST_CASE("csv sheet: what is no table is refused in words") {
  for (const std::string& bytes :
       {"%PDF-1.4"s, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"s, "PK\x05\x06"s + std::string(18, '\0'),
        "<html><table>"s, "a\0b"s, "a,b\n\"x"s}) {
    const Error error = refusal(bytes);
    CHECK(error.code == ErrorCode::kBadInput);
    CHECK_FALSE(error.message.empty());
  }
  CHECK(try_read("a\n1\n", "名单").error().field == "sheet");
}
