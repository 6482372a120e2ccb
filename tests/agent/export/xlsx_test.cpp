// The cells of an XLSX file, as a program that unpacks it finds them.
#include <sys/wait.h>

#include <cstdlib>

#include "agent/export/xlsx_file.hpp"
#include "core/file/file.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

// One cell to a line: sheet, reference, type, value.
constexpr std::string_view kReader = R"(
import sys, zipfile, xml.etree.ElementTree as tree
space = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'
with zipfile.ZipFile(sys.argv[1]) as book:
    for sheet in sorted(n for n in book.namelist() if n.startswith('xl/worksheets/sheet')):
        for cell in tree.fromstring(book.read(sheet)).iter(space + 'c'):
            text = ''.join(t.text or '' for t in cell.iter() if t.tag in (space + 'v', space + 't'))
            formula = cell.find(space + 'f') is not None
            print(sheet[-10:-4], cell.get('r'), 'formula' if formula else cell.get('t', 'n'), text)
)";

std::string cells_of(const Bytes& file) {
  TempDir folder;
  must(write_file_atomically(folder / "book.xlsx", file));
  must(write_file_atomically(folder / "read.py", as_bytes(kReader)));
  const std::string command = "PYTHONIOENCODING=utf-8 python3 " + (folder / "read.py").string() +
                              " " + (folder / "book.xlsx").string() + " > " +
                              (folder / "out").string();
  REQUIRE(std::system(command.c_str()) == 0);
  return must(read_text_file(folder / "out", 1 << 20));
}

}  // namespace

TEST_CASE("xlsx: identifiers stay text, formulas are texts, exact numbers are numbers") {
  TempDir folder;
  XlsxFile file = must(XlsxFile::open(folder.path()));
  must(file.begin_sheet("数据", {"身份证号"}));
  must(file.add_row({std::string("110105199001011234"), std::string("007"), std::string("=1+1"),
                     std::string("@x"), std::string("王小明 \"<&>\"")}));
  must(file.add_row({std::int64_t{42}, std::int64_t{9007199254740993}, 4.5, true, nullptr}));
  must(file.add_row({DecimalText{"4.50"}, DecimalText{"12345678901234567.89"}}));
  must(file.begin_sheet("source", {"source"}));
  must(file.add_row({std::string("Villages")}));
  CHECK(cells_of(must(file.finish())) ==
        "sheet1 A1 inlineStr 身份证号\n"
        "sheet1 A2 inlineStr 110105199001011234\nsheet1 B2 inlineStr 007\n"
        "sheet1 C2 inlineStr =1+1\nsheet1 D2 inlineStr @x\nsheet1 E2 inlineStr 王小明 \"<&>\"\n"
        "sheet1 A3 n 42\nsheet1 B3 inlineStr 9007199254740993\nsheet1 C3 n 4.5\nsheet1 D3 b 1\n"
        "sheet1 A4 n 4.5\nsheet1 B4 inlineStr 12345678901234567.89\n"
        "sheet2 A1 inlineStr source\nsheet2 A2 inlineStr Villages\n");
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("xlsx: what the format does not hold is refused, not cut") {
  TempDir folder;
  XlsxFile file = must(XlsxFile::open(folder.path()));
  must(file.begin_sheet("rows", {"a"}));
  CHECK(code_of(file.add_row({std::string(32'768, 'x')})) == ErrorCode::kBadInput);
  CHECK(code_of(file.add_row(std::vector<XlsxCell>(16'385))) == ErrorCode::kBadInput);
}
