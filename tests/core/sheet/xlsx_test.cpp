// Workbooks as people's programs write them: made by libxlsxwriter, and by hand what it does not.
#include <xlsxwriter.h>

#include "tests/core/sheet/zip_maker.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

// A workbook of libxlsxwriter: `fill` writes into its only sheet.
template <typename Fill>
std::string written(const Fill& fill) {
  const TempDir folder;
  const std::string path = (folder.path() / "a.xlsx").string();
  lxw_workbook* book = workbook_new(path.c_str());
  lxw_worksheet* sheet = workbook_add_worksheet(book, "名单");
  fill(book, sheet);
  REQUIRE(workbook_close(book) == LXW_NO_ERROR);
  return must(read_text_file(path, limits::kMiB * 64));
}

void put(lxw_worksheet* sheet, lxw_row_t row, lxw_col_t column, const char* text) {
  REQUIRE(worksheet_write_string(sheet, row, column, text, nullptr) == LXW_NO_ERROR);
}

lxw_format* number_format(lxw_workbook* book, const char* code) {
  lxw_format* format = workbook_add_format(book);
  format_set_num_format(format, code);
  return format;
}

}  // namespace

TEST_CASE("xlsx: texts stay as they are, identity numbers and leading zeros too") {
  const Table wanted{{"身份证号", "编码", "备注"},
                     {"110101199003078888", "007", " a  b "},
                     {"11010119900307888X", "000", "一\n二\"&<>"},
                     {"", "", "😀 =1+1"}};
  const std::string bytes = written([&](lxw_workbook*, lxw_worksheet* sheet) {
    for (std::size_t row = 0; row < wanted.size(); ++row) {
      for (std::size_t column = 0; column < 3; ++column) {
        put(sheet, static_cast<lxw_row_t>(row), static_cast<lxw_col_t>(column),
            wanted[row][column].c_str());
      }
    }
  });
  CHECK(read(bytes) == wanted);
}

TEST_CASE("xlsx: numbers, dates, truth values and saved results of formulas") {
  const std::string bytes = written([](lxw_workbook* book, lxw_worksheet* sheet) {
    worksheet_write_number(sheet, 0, 0, 13800000000.0, nullptr);
    worksheet_write_number(sheet, 0, 1, 4.35, nullptr);
    worksheet_write_number(sheet, 0, 2, 42, number_format(book, "000000"));
    worksheet_write_boolean(sheet, 0, 3, 1, nullptr);
    lxw_datetime when{2024, 2, 29, 13, 5, 9};
    worksheet_write_datetime(sheet, 1, 0, &when, number_format(book, "yyyy\"年\"m\"月\"d\"日\""));
    worksheet_write_datetime(sheet, 1, 1, &when, number_format(book, "yyyy-mm-dd hh:mm:ss"));
    worksheet_write_number(sheet, 1, 2, 45292, number_format(book, "m/d/yy"));
    worksheet_write_formula_num(sheet, 2, 0, "=1+1", nullptr, 2);
    worksheet_write_formula_str(sheet, 2, 1, "=\"a\"&\"b\"", nullptr, "ab");
  });
  CHECK(read(bytes) == Table{{"13800000000", "4.35", "000042", "true"},
                             {"2024-02-29", "2024-02-29T13:05:09", "2024-01-01"},
                             {"2", "ab"}});
}

TEST_CASE("xlsx: merged cells, hidden rows, rich texts; what is empty at the end is left out") {
  const std::string bytes = written([](lxw_workbook* book, lxw_worksheet* sheet) {
    worksheet_merge_range(sheet, 0, 0, 0, 2, "标题", nullptr);
    put(sheet, 1, 0, "hidden");
    lxw_row_col_options hidden{};
    hidden.hidden = 1;
    worksheet_set_row_opt(sheet, 1, 15, nullptr, &hidden);
    lxw_format* bold = workbook_add_format(book);
    format_set_bold(bold);
    lxw_rich_string_tuple first{nullptr, const_cast<char*>("王")},
        second{bold, const_cast<char*>("小明")};
    lxw_rich_string_tuple* pieces[] = {&first, &second, nullptr};
    worksheet_write_rich_string(sheet, 5, 1, pieces, nullptr);
    for (lxw_col_t column = 2; column < 9; ++column) worksheet_write_blank(sheet, 5, column, bold);
    worksheet_write_blank(sheet, 90, 0, bold);
  });
  CHECK(read(bytes) == Table{{"标题"}, {"hidden"}, {"", "王小明"}});
}

TEST_CASE("xlsx: the first sheet that people see, or the named one") {
  const TempDir folder;
  const std::string path = (folder.path() / "a.xlsx").string();
  lxw_workbook* book = workbook_new(path.c_str());
  lxw_worksheet* lists = workbook_add_worksheet(book, "选项");
  lxw_worksheet* sheet = workbook_add_worksheet(book, "名单");
  put(lists, 0, 0, "hidden");
  put(sheet, 0, 0, "seen");
  worksheet_activate(sheet);
  worksheet_set_first_sheet(sheet);
  worksheet_hide(lists);
  REQUIRE(workbook_close(book) == LXW_NO_ERROR);
  const std::string bytes = must(read_text_file(path, limits::kMiB));
  CHECK(read(bytes) == Table{{"seen"}});
  CHECK(read(bytes, "选项") == Table{{"hidden"}});
  const Error error = try_read(bytes, "其他").error();
  CHECK(error.field == "sheet");
  CHECK(error.hint.zh.find("选项, 名单") != std::string::npos);
}

TEST_CASE("xlsx: a rounded number names its sheet and its cell in both languages") {
  const std::string bytes = written([](lxw_workbook*, lxw_worksheet* sheet) {
    put(sheet, 0, 1, "身份证号");
    worksheet_write_number(sheet, 6, 1, 110101199003078000.0, nullptr);
  });
  const Error error = refusal(bytes);
  CHECK(error.code == ErrorCode::kBadInput);
  CHECK(error.field == "B7");
  CHECK(error.message == "file: sheet \"名单\": cell B7: the spreadsheet has rounded this number");
  CHECK(error.hint.zh ==
        "工作表“名单”的单元格 B7：数字超过 15 位，已被表格软件舍入。请将该列设为文本格式，"
        "再重新输入。");
  CHECK(error.hint.en == "Format the column as text, then type the number again.");
}

TEST_CASE("xlsx: what other programs write: no references, prefixes, shared and inline texts") {
  BookParts book;
  book.strings(
          "<si><t>a</t><rPh sb=\"0\" eb=\"1\"><t>ア</t></rPh></si><si/>"
          "<si><r><t>b</t></r><r><rPr><b/></rPr><t xml:space=\"preserve\"> c</t></r></si>")
      .rows(
          "<row><c t=\"s\"><v>0</v></c><c t=\"s\"><v>2</v></c><c t=\"s\"><v> 1 </v></c></row>"
          "<row r=\"3\"><c r=\"B3\" t=\"inlineStr\"><is><t>x</t><rPh><t>y</t></rPh></is></c>"
          "<c t=\"d\"><v>2024-01-01</v></c><c t=\"str\"><f>A1</f><v></v></c></row>");
  CHECK(read(book.zip()) == Table{{"a", "b c"}, {"", "x", "2024-01-01"}});
  std::string& sheet = book.parts["xl/worksheets/sheet1.xml"];
  sheet = kXml + "<x:worksheet xmlns:x=\"" + kMain +
          "\"><x:sheetData><x:row><x:c><x:v>5</x:v></x:c></x:row></x:sheetData></x:worksheet>";
  CHECK(read(book.zip()) == Table{{"5"}});
  book.packed = false;
  CHECK(read(book.zip()) == Table{{"5"}});
}

TEST_CASE("xlsx: characters that XML has not are written as escapes") {
  for (const auto& [stored, text] : std::vector<std::pair<std::string, std::string>>{
           {"a_x000D__x000a_b", "a\r\nb"},
           {"_x005F_x000D_", "_x000D_"},
           {"_x0041_", "A"},
           {"_x0000_ _x0007_ _xD800_ _x00g0_ _x000D", "_x0000_ _x0007_ _xD800_ _x00g0_ _x000D"},
           {"__x_x000D", "__x_x000D"}}) {
    CHECK(unescaped_text(stored) == text);
  }
}

TEST_CASE("xlsx: dates by style, in the system of 1904") {
  BookParts book;
  book.styles(
          "<numFmts><numFmt numFmtId=\"170\" formatCode=\"d.m.yy\"/></numFmts>"
          "<cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs>"
          "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"31\"/><xf numFmtId=\"170\"/></cellXfs>")
      .rows(
          "<row><c><v>43830</v></c><c s=\"1\"><v>43830</v></c><c s=\"2\"><v>43830.5</v></c>"
          "<c s=\"99\"><v>1</v></c></row>");
  CHECK(read(book.zip()) == Table{{"43830", "2019-12-31", "2019-12-31", "1"}});
  std::string& main = book.parts["xl/workbook.xml"];
  main.insert(main.find("<sheets>"), "<workbookPr date1904=\"true\"/>");
  CHECK(read(book.zip()) == Table{{"43830", "2024-01-01", "2024-01-01", "1"}});
}

TEST_CASE("xlsx: a cell that cannot be read is named with its reason") {
  for (const auto& [cell, field, reason] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {"<c r=\"B2\" t=\"e\"><v>#N/A</v></c>", "B2", "the formula gives the error #N/A"},
           {"<c r=\"B2\"><f>A1</f></c>", "B2", "the formula has no saved value"},
           {"<c r=\"B2\"><v>12a</v></c>", "B2", "the file holds no number here"},
           {"<c r=\"B2\" t=\"s\"><v>7</v></c>", "B2", "the file has no text for this cell"},
           {"<c r=\"B2\" t=\"odd\"><v>7</v></c>", "B2",
            "the file gives a kind of value that is unknown"},
           {"<c r=\"B3\"><v>7</v></c>", "A2", "the file places the next cell or row at \"B3\""},
           {"<c r=\"XFE2\"><v>7</v></c>", "A2", "the file places the next cell or row at \"XFE2\""},
           {"<c r=\"B2\"/><c r=\"A2\"/>", "C2", "the file places the next cell or row at \"A2\""},
           {"<c r=\"AML2\"><v>7</v></c>", "AML2", "the sheet has more than 1024 columns"},
           {"<c r=\"B2\" t=\"str\"><v>" + std::string(65'537, 'x') + "</v></c>", "B2",
            "the text is longer than 64 KiB"}}) {
    CAPTURE(reason);
    const Error error = refusal(BookParts().rows("<row r=\"2\">" + cell + "</row>").zip());
    CHECK(error.field == field);
    CHECK(error.message == "file: sheet \"名单\": cell " + field + ": " + reason);
    CHECK(error.hint.zh.starts_with("工作表“名单”的单元格 " + field + "："));
  }
  CHECK(refusal(BookParts().rows("<row r=\"2\"/><row r=\"2\"/>").zip()).field == "A3");
  CHECK(refusal(BookParts().rows("<row r=\"1048577\"/>").zip()).field == "A1");
}
