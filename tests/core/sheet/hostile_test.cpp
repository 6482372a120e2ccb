// Workbooks that are made to do harm.
#include "core/sheet/xlsx/xlsx_limits.hpp"
#include "tests/core/sheet/zip_maker.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

bool has(const Error& error, std::string_view words) {
  INFO(error.message);
  return error.code == ErrorCode::kBadInput && error.message.find(words) != std::string::npos;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (; times > 0; --times) out += text;
  return out;
}

}  // namespace

TEST_CASE("hostile: a document type is refused wherever it is, so no entity is defined") {
  const std::string bomb = "<!DOCTYPE a [<!ENTITY x \"ha\"><!ENTITY y \"&x;&x;&x;&x;&x;&x;\">]>";
  const std::string outside = "<!DOCTYPE a SYSTEM \"file:///etc/passwd\">";
  for (const char* part : {"xl/workbook.xml", "_rels/.rels", "xl/_rels/workbook.xml.rels",
                           "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"}) {
    for (const std::string& type : {bomb, outside}) {
      BookParts book;
      book.strings("<si><t>a</t></si>").styles("").rows("<row><c><v>1</v></c></row>");
      book.parts[part].insert(kXml.size(), type);
      CAPTURE(part);
      CHECK(has(refusal(book.zip()), "document type"));
    }
  }
}

TEST_CASE("hostile: a bomb is stopped by its ratio, long before it is unpacked") {
  BookParts book;
  book.rows(std::string(40 * limits::kMiB, ' '));
  const std::string zip = book.zip();
  CHECK(zip.size() < 200'000);
  CHECK(has(refusal(zip), "200 times its size"));
}

TEST_CASE("hostile: shared texts, nesting and tags have bounds") {
  BookParts texts;
  texts.packed = false;
  const std::string mebibyte(limits::kMiB, 'x');
  texts.strings(repeated("<si><t>" + mebibyte + "</t></si>", 33)).rows("");
  CHECK(has(refusal(texts.zip()), "more than 32 MiB"));
  BookParts deep;
  deep.rows(repeated("<a>", 70) + repeated("</a>", 70));
  CHECK(has(refusal(deep.zip()), "too deep"));
  BookParts wide;
  wide.packed = false;
  wide.rows("<row a=\"" + repeated("x", limits::kMiB) + "\"/>");
  CHECK(has(refusal(wide.zip()), "a tag is longer"));
}

TEST_CASE("hostile: a row of many long shared texts is bounded") {
  BookParts book;
  book.strings("<si><t>" + std::string(60'000, 'x') + "</t></si>")
      .rows("<row>" + repeated("<c t=\"s\"><v>0</v></c>", 1000) + "</row>");
  CHECK(has(refusal(book.zip()), "the row is longer than 4 MiB"));
}

TEST_CASE("hostile: damaged archives and missing parts are refused in words") {
  const std::string good = BookParts().rows("<row><c><v>1</v></c></row>").zip();
  CHECK(read(good) == Table{{"1"}});
  for (std::size_t size = 4; size < good.size(); size += 7) {
    const Result<Table> cut = try_read(good.substr(0, size));
    REQUIRE(cut.has_error());
    CHECK(cut.error().code == ErrorCode::kBadInput);
  }
  BookParts no_sheet;  // its relation leads nowhere
  CHECK(has(refusal(no_sheet.zip()), "xl/worksheets/sheet1.xml"));
  BookParts no_main;
  no_main.parts.erase("xl/workbook.xml");
  no_main.parts["xl/other.xml"] = "";
  CHECK(has(refusal(no_main.zip()), "names no main part"));
  BookParts outside;
  outside.rows("");
  std::string& list = outside.parts["xl/_rels/workbook.xml.rels"];
  list.replace(list.find("Target="), 7, "TargetMode=\"External\" Target=");
  CHECK(has(refusal(outside.zip()), "no sheet with cells"));
  BookParts broken;
  broken.rows("<row><c><v>1</v></row>");
  CHECK(has(refusal(broken.zip()), "mismatched tag"));
}

TEST_CASE("hostile: a part whose bytes do not have its checksum is damaged") {
  BookParts book;
  book.packed = false;
  std::string zip = book.rows("<row><c><v>12345</v></c></row>").zip();
  zip[zip.find("12345")] = '9';
  CHECK(has(refusal(zip), "damaged"));
}
