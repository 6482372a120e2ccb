// Tests of read_source.hpp: a file is read whole or its mistakes are named.
#include "platform/source/read_source.hpp"

#include <fstream>

#include "platform/source/csv_source.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace rootlet::test;

namespace {

constexpr std::string_view kDefinition = R"({
  "id": "people", "title": "People",
  "provider": {"code": "11X", "name": "Unit"}, "format": "table", "update": "daily",
  "sharing": {"attribute": "unconditional"}, "grade": "general",
  "division": {"column": "code", "digits": 2},
  "columns": [{"name": "id", "type": "integer", "key": true}, {"name": "code", "type": "text", "title": {"zh": "区划代码", "en": "Division"}},
              {"name": "born", "type": "date"}]})";

class Source {
 public:
  Result<SourceTable> read(std::string_view csv, CsvOptions options = {}) {
    std::ofstream(folder_ / "people.csv", std::ios::binary) << csv;
    notices.clear();
    options.notice = [this](const Text& notice) { notices.push_back(notice.en); };
    return read_whole_source(definition_,
                             *must(open_csv_source(folder_ / "people.csv", std::move(options))));
  }
  std::vector<std::string> notices;
  Error error(std::string_view csv) {
    const Result<SourceTable> table = read(csv);
    REQUIRE(table.has_error());
    CHECK(table.error().code == ErrorCode::kBadInput);
    return table.error();
  }

 private:
  TempDir folder_;
  DatasetDefinition definition_ = must(DatasetDefinition::parse(kDefinition, "people.json"));
};

}  // namespace

TEST_CASE("source: columns in any order, empty is null, partitions by division") {
  Source source;
  const SourceTable table =
      must(source.read("\xEF\xBB\xBF"
                       "born,id,code\r\n2001-02-03,2,3304\r\n,10,11\r\n,1,3305\r\n"));
  CHECK(table.size() == 3);
  const auto parts = table.parts();
  REQUIRE(parts.size() == 2);
  CHECK(parts[0].partition == "11");
  CHECK(parts[1].rows.size() == 2);
  CHECK(parts[1].rows[0].line == 4);  // key 1 before key 2
  CHECK(must(source.read("id,code,born\n")).size() == 0);
}

TEST_CASE("source: a cell that our own export guarded against spreadsheets is read as it was") {
  TempDir folder;
  std::ofstream(folder / "a.csv") << "id,code\n'=1+1,'''=x\n'007,'-5\n";
  const std::unique_ptr<RowSource> source = must(open_csv_source(folder / "a.csv"));
  const SymmetricKey secret = SymmetricKey::random();
  const DatasetDefinition definition = must(DatasetDefinition::parse(kDefinition, "people.json"));
  UnchangedRows unchanged;
  must(
      source->begin({.fingerprint_secret = secret, .dataset = definition, .unchanged = unchanged}));
  const SourceBatch rows = source->next().value();
  REQUIRE(rows.size() == 2);
  CHECK(rows.field(0, 0) == "=1+1");
  CHECK(rows.field(0, 1) == "''=x");
  CHECK(rows.field(1, 0) == "'007");
  CHECK(rows.field(1, 1) == "'-5");
}

TEST_CASE("source: the mark of our own export is no row, another line that begins with # is") {
  Source source;
  const std::string rows = "id,code,born\n1,3304,2001-02-03\n2,0011,\n";
  for (const char* mark :
       {"# Exported by wang, Jiaxing, 2026-11-30T09:00:00Z, for verification; ledger entry 7\n",
        "# 由嘉兴 wang 于 2026-11-30T09:00:00Z 导出，用途 verification，台账第 7 条\n"}) {
    const SourceTable table = must(source.read(rows + mark));
    CHECK(table.size() == 2);
    CHECK(table.parts()[0].partition == "00");
    CHECK(source.notices.empty());
  }
  CHECK(source.error(rows + "# a remark\n").message.find("line 4") != std::string::npos);
}

TEST_CASE("source: mistakes in the header are named") {
  Source source;
  const Error error = source.error("id,kode,id\n1,2,3\n");
  CHECK(error.field == "line 1, column kode");
  CHECK(error.message.find("column id: named twice") != std::string::npos);
  CHECK(error.message.find("column code: missing in the header") != std::string::npos);
  CHECK(error.message.find("people.csv") == 0);
}

TEST_CASE(
    "source: an empty file, a mark alone, blank lines and a header alone each have their words") {
  Source source;
  CHECK(source.error("").message == "people.csv: the file is empty (0 bytes)");
  CHECK(source.error("\xEF\xBB\xBF").message ==
        "people.csv: the file is empty but for a byte order mark");
  CHECK(source.error("\n\r\n\n").message.find("only blank lines") != std::string::npos);
  CHECK(must(source.read("id,code,born\n")).size() == 0);
}

TEST_CASE("source: a heading is a name or a title, and what people cannot see does not count") {
  Source source;
  for (const char* header :
       {"id,区划代码,born", "ID,Division,BORN", " id ,code\xC2\xA0,born\xE2\x80\x8B",
        "ｉｄ,\xE3\x80\x80区划代码,\xEF\xBB\xBF"
        "born",
        "\"id\",\" division\",born"}) {
    CAPTURE(header);
    CHECK(must(source.read(std::string(header) + "\n1,3304,\n")).size() == 1);
  }
  const Error twice = source.error("id,code,born,区划代码\n");
  CHECK(twice.message.find("fields 2 and 4 are both column code") != std::string::npos);
}

TEST_CASE("source: a heading that fits nothing is shown with the characters that are not seen") {
  Source source;
  const Error lookalike = source.error(
      "id,c\xD0\xBE"
      "de,born\n");  // a Cyrillic o
  CHECK(lookalike.message.find("U+043E at character 2") != std::string::npos);
  const Error escape = source.error("id,code,\x1B[31mborn\n");
  CHECK(escape.message.find("column \\u{1b}[31mborn") != std::string::npos);
  CHECK(escape.message.find('\x1B') == std::string::npos);
  const Error empty = source.error("id,code,born,\n");
  CHECK(empty.message.find("column 4: the heading is empty") != std::string::npos);
  std::string wide;
  for (int i = 0; i < 100; ++i) wide += "级";
  CHECK(is_utf8(source.error("x" + wide + ",id,code,born\n").message));
}

TEST_CASE("source: GB 18030 is read by itself or by name, and the operator hears of it") {
  Source source;
  const std::string header = "id,\xC7\xF8\xBB\xAE\xB4\xFA\xC2\xEB,born\n";  // 区划代码
  CHECK(must(source.read(header + "1,3304,\n")).size() == 1);
  REQUIRE(source.notices.size() == 1);
  CHECK(source.notices[0].find("GB 18030") != std::string::npos);
  CHECK(must(source.read(header + "1,3304,\n", {.encoding = TextEncoding::kGb18030})).size() == 1);
  CHECK(source.notices.empty());
  CHECK(source.read(header, {.encoding = TextEncoding::kUtf8}).has_error());
  CHECK(source.error("id,code,born\n1,33\xFF\xFF,\n").field == "line 2");
}

TEST_CASE("source: what is not a comma separated file is named, and tabs are read by name") {
  Source source;
  CHECK(source.error("PK\x03\x04 xl/workbook.xml").message.find("Excel workbook") !=
        std::string::npos);
  CHECK(source.error("id\tcode\tborn\n1\t33\t\n").message.find("tabs") != std::string::npos);
  CHECK(source.error("sep=;\nid;code;born\n").message.find("instruction for Excel") !=
        std::string::npos);
  CHECK(must(source.read("id\tcode\tborn\n1\t33\t\n", {.delimiter = '\t'})).size() == 1);
  CHECK(must(source.read("id;code;born\n1;33;\n", {.delimiter = ';'})).size() == 1);
}

TEST_CASE("source: a last line without its end is mentioned") {
  Source source;
  CHECK(must(source.read("id,code,born\n1,33,\n2,33,")).size() == 2);
  REQUIRE(source.notices.size() == 1);
  CHECK(source.notices[0].find("line 3") != std::string::npos);
  CHECK(source.read("id,code,born\n1,33,\n2").has_error());
  CHECK(source.notices.size() == 1);
  must(source.read("id,code,born\n1,33,\n"));
  CHECK(source.notices.empty());
}

TEST_CASE("source: every mistake is named by line and column, without values, up to a bound") {
  Source source;
  const Error error =
      source.error("id,code,born\n1,33,2001-02-30\nx77x,33,\n,33,\n2,3,\n3,33\n4,33,\n4,33,\n");
  CHECK(error.field == "line 2, column born");
  for (const char* place :
       {"line 2, column born", "line 3, column id", "line 4, column id", "line 5, column code",
        "line 6: has 2 fields, the header has 3", "line 8: the same key as in line 7"}) {
    CAPTURE(place);
    CHECK(error.message.find(place) != std::string::npos);
  }
  CHECK(error.message.find("x77x") == std::string::npos);
  std::string many = "id,code,born\n";
  for (int i = 0; i < 100; ++i) many += "bad,33,\n";
  const Error bounded = source.error(many);
  CHECK(bounded.message.find("line 21,") != std::string::npos);
  CHECK(bounded.message.find("line 22,") == std::string::npos);
}

TEST_CASE(
    "source: blanks at the ends of texts are counted, and dropped if the definition says so") {
  const TempDir folder;
  std::ofstream(folder / "people.csv")
      << "id,code,born\n1,3304,2020-01-01\n2,\"3304 \",2020-01-01\n"
         "3,\xC2\xA0"
         "3304,2020-01-01\n";
  std::string text(kDefinition);
  text.replace(text.find("\"division\""), 0, "\"publish\": {\"trim\": true}, ");
  const DatasetDefinition trims = must(DatasetDefinition::parse(text, "people.json"));
  const SourceTable table =
      must(read_whole_source(trims, *must(open_csv_source(folder / "people.csv", {}))));
  CHECK(table.blank_ends.cells == 2);
  CHECK(table.blank_ends.first_line == 3);
  CHECK(table.blank_ends.first_column == "code");
  CHECK(table.parts().size() == 1);  // one partition: the texts are equal now
  // Without it a code with a blank is no code.
  Source source;
  CHECK(source.error("id,code,born\n2,\"3304 \",2020-01-01\n").message.find("line 2") !=
        std::string::npos);
}

TEST_CASE("source: an unclosed quote ends reading, with its line") {
  Source source;
  const Error error = source.error("id,code,born\n1,33,\n2,\"33,\n3,33,\n");
  CHECK(error.field == "line 3");
}

TEST_CASE("source: a long file is read whole and in order, and its mistakes have the right lines") {
  Source source;
  std::string csv = "id,code,born\n";
  for (int i = 0; i < 60'000; ++i) {
    csv += std::to_string(i) + "," + std::to_string(11 + i * 7 % 23) + "01,2001-02-03\n";
  }
  const SourceTable table = must(source.read(csv));
  CHECK(table.size() == 60'000);
  const auto parts = table.parts();
  REQUIRE(parts.size() == 23);
  std::size_t rows = 0;
  for (const SourceTable::Part& part : parts) {
    CAPTURE(part.partition);
    rows += part.rows.size();
    for (std::size_t i = 1; i < part.rows.size(); ++i) {
      REQUIRE(part.rows[i - 1].key() < part.rows[i].key());
      REQUIRE(part.rows[i - 1].line < part.rows[i].line);
    }
  }
  CHECK(rows == 60'000);
  const Error error = source.error(csv + "60000,11,no date\n60001,11,\n59999,11,\n60002,\"11");
  for (const char* place : {"line 60002, column born", "line 60005: a quote that never closes"}) {
    CAPTURE(place);
    CHECK(error.message.find(place) != std::string::npos);
  }
  const Error twice = source.error(csv + "17,11,\n");
  CHECK(twice.message.find("line 60002: the same key as in line 19") != std::string::npos);
  std::string bad = csv;
  for (int i = 0; i < 30'000; ++i) bad += "bad,33,\n";
  CHECK(source.error(bad).message.find("line 60021,") != std::string::npos);  // and no further
}

namespace {

// Counts how often its reading was ended.
class WatchedSource final : public RowSource {
 public:
  explicit WatchedSource(std::string column) : column_(std::move(column)) {}
  const std::string& name() const override { return name_; }
  Result<SourceColumns> begin(const SourceSetup&) override {
    if (column_.empty()) return bad_input("watched: no columns", "watched");
    return SourceColumns{.names = {"id", "code", column_}};
  }
  std::optional<SourceBatch> next() override { return {}; }
  void end() override { ++ends; }
  void set_fingerprints(SourceTable&) override {}
  int ends = 0;

 private:
  std::string name_ = "watched", column_;
};

}  // namespace

TEST_CASE("source: however the reading ends, the source ends before what it reads with is gone") {
  const DatasetDefinition definition = must(DatasetDefinition::parse(kDefinition, "people.json"));
  for (const char* column : {"born", "unknown", ""}) {
    CAPTURE(column);
    WatchedSource source(column);
    CHECK(read_whole_source(definition, source).has_value() == (column == std::string("born")));
    CHECK(source.ends == 1);
  }
}
