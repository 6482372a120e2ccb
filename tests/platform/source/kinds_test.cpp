// Every kind of source gives the same rows for the same table, and names its mistakes by row and
// column.
#include <sqlite3.h>

#include <fstream>

#include "core/format/csv.hpp"
#include "platform/source/kinds/open_source.hpp"
#include "platform/source/read_source.hpp"
#include "storage/database.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::platform;
using namespace rootlet::test;

namespace {

constexpr std::string_view kDefinition = R"json({
  "id": "people", "title": "People",
  "provider": {"code": "11X", "name": "Unit"}, "format": "table", "update": "daily",
  "sharing": {"attribute": "unconditional"}, "grade": "general",
  "division": {"column": "code", "digits": 2},
  "columns": [{"name": "id", "type": "integer", "key": true},
              {"name": "code", "type": "text", "title": {"zh": "区划代码", "en": "Division"}},
              {"name": "born", "type": "date"},
              {"name": "sum", "type": "decimal(2)"},
              {"name": "cared", "type": "boolean"},
              {"name": "note", "type": "text"}]})json";

struct Tables {
  TempDir folder;
  DatasetDefinition dataset = must(DatasetDefinition::parse(kDefinition, "people.json"));

  void write(const std::string& name, std::string_view text) {
    std::ofstream(folder / name, std::ios::binary) << text;
  }
  void run_sql(const std::string& name, const std::string& sql) {
    must(Database::open_in_memory());  // SQLite's memory is set up before its first use
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open((folder / name).c_str(), &database) == SQLITE_OK);
    char* why = nullptr;
    const int code = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &why);
    if (code != SQLITE_OK) FAIL(why);
    sqlite3_close(database);
  }
  Result<SourceTable> read(const std::string& kind, const std::string& name,
                           const std::string& parameters = "") {
    ROOTLET_TRY(const SourceAddress address,
                parse_source_address(kind + ":" + (folder / name).string() + parameters));
    ROOTLET_TRY(const std::unique_ptr<RowSource> source, open_source(address));
    return read_whole_source(dataset, *source);
  }
  Error error(const std::string& kind, const std::string& name,
              const std::string& parameters = "") {
    const Result<SourceTable> table = read(kind, name, parameters);
    REQUIRE(table.has_error());
    return table.error();
  }
};

// The rows by key, as the definition stores them.
std::map<std::string, std::string> images(SourceTable table) {
  std::map<std::string, std::string> found;
  for (const SourceRow& row : table.rows()) {
    found.emplace(std::string(row.key()), std::string(row.image()));
  }
  return found;
}

}  // namespace

TEST_CASE("sources: the same table from CSV, lines of JSON and SQLite gives the same rows") {
  Tables tables;
  tables.write("a.csv",
               "id,code,born,sum,cared,note\n"
               "1,3304,2001-02-03,12.50,true,\"two\nlines, \"\"quoted\"\"\"\n"
               "-2,1101,,0.07,false,'=kept\n9007199254740993,1101,,,,\n");
  tables.write("a.jsonl",
               "{\"note\":\"two\\nlines, \\\"quoted\\\"\",\"区划代码\":\"3304\",\"born\":"
               "\"2001-02-03\",\"id\":1,\"sum\":12.50,\"cared\":true}\r\n\n"
               "{\"id\":-2,\"code\":\"1101\",\"sum\":7e-2,\"cared\":false,\"note\":\"=kept\","
               "\"born\":null}\n{\"id\":9007199254740993,\"code\":\"1101\"}");
  tables.run_sql("a.db",
                 "CREATE TABLE p(id INTEGER, code TEXT, born TEXT, sum REAL, cared INTEGER, note "
                 "TEXT); INSERT INTO p VALUES(1, '3304', '2001-02-03', 12.5, 1, 'two' || char(10) "
                 "|| 'lines, \"quoted\"'), (-2, '1101', NULL, 0.07, 0, '=kept'), "
                 "(9007199254740993, '1101', NULL, NULL, NULL, '')");
  const auto csv = images(must(tables.read("csv", "a.csv")));
  CHECK(csv.size() == 3);
  CHECK(images(must(tables.read("jsonl", "a.jsonl"))) == csv);
  CHECK(images(must(tables.read("sqlite", "a.db", "?table=p"))) == csv);
  CHECK(images(must(tables.read(
            "sqlite", "a.db", "?query=SELECT note, cared, sum, born, code, id FROM p WHERE 1"))) ==
        csv);
}

TEST_CASE("sources: mistakes are named by line or row, and column") {
  Tables tables;
  tables.write("a.jsonl",
               "{\"id\":1,\"code\":\"3304\"}\n\n{\"id\":2,\"code\":3304.5}\n"
               "{\"id\":3,\"code\":\"3304\",\"born\":\"2001-02-30\"}\n"
               "{\"id\":1,\"code\":\"3304\"}\n");
  Error error = tables.error("jsonl", "a.jsonl");
  CHECK(error.message.find("line 3, column code: ") != std::string::npos);
  CHECK(error.message.find("line 4, column born: not a date") != std::string::npos);
  CHECK(error.message.find("line 5: the same key as in line 1") != std::string::npos);
  tables.write("b.jsonl", "{\"id\":1,\"kode\":\"3304\"}\n");
  CHECK(tables.error("jsonl", "b.jsonl").message.find("line 1, column kode: ") !=
        std::string::npos);
  tables.write("c.jsonl", "{\"id\":1,\"code\":[\"3304\"]}\n");
  CHECK(tables.error("jsonl", "c.jsonl").field == "line 1, column code");
  tables.write("d.jsonl", "{\"id\":1,\"code\":\"3304\"}\n[1]\n");
  CHECK(tables.error("jsonl", "d.jsonl").field == "line 2");
  tables.write("e.jsonl", "{\"id\":1");
  CHECK(code_of(tables.read("jsonl", "e.jsonl")) == ErrorCode::kBadInput);
  tables.write("f.jsonl", std::string(5 * 1024 * 1024, 'x'));
  CHECK(tables.error("jsonl", "f.jsonl").message.find("longer than 4 MiB") != std::string::npos);

  const std::string table = "CREATE TABLE p(id, code, born, sum, cared, note);";
  tables.run_sql("a.db", table +
                             "INSERT INTO p VALUES(1,'3304','a' || char(10) || 'b',1,1,'x'),"
                             "(2,'3304',NULL,1,7,'x')");
  error = tables.error("sqlite", "a.db", "?table=p");
  CHECK(error.message.find("row 1, column born: ") != std::string::npos);
  CHECK(error.message.find("row 2, column cared: ") != std::string::npos);
  tables.run_sql("b.db", table + "INSERT INTO p VALUES(1,x'00ff',NULL,1,1,'x')");
  CHECK(tables.error("sqlite", "b.db", "?table=p").field == "row 1, column code");
}

TEST_CASE("sources: a database that cannot answer, and addresses that name nothing") {
  Tables tables;
  tables.run_sql("a.db", "CREATE TABLE p(id INTEGER)");
  CHECK(code_of(tables.read("sqlite", "none.db", "?table=p")) == ErrorCode::kStorage);
  CHECK(code_of(tables.read("sqlite", "a.db", "?table=q")) == ErrorCode::kUsage);
  CHECK(code_of(tables.read("sqlite", "a.db", "?query=DELETE FROM p")) == ErrorCode::kUsage);
  CHECK(code_of(tables.read("sqlite", "a.db", "?query=SELECT 1; DELETE FROM p")) ==
        ErrorCode::kUsage);
  CHECK(tables.error("sqlite", "a.db", "?table=p").message.find("missing in the header") !=
        std::string::npos);
  tables.write("no.db", "this is no database, however long it is and whatever it says");
  CHECK(code_of(tables.read("sqlite", "no.db", "?table=p")) == ErrorCode::kStorage);
  for (const char* text : {"", "csv", "csv:", "sqlite:a.db", "sqlite:?table=p", "ftp:x", "x"}) {
    CAPTURE(text);
    CHECK(code_of(parse_source_address(text)) == ErrorCode::kUsage);
  }
  CHECK(must(parse_source_address("sqlite:a.db?table=odd\"name")).query ==
        "SELECT * FROM \"odd\"\"name\"");
  for (const char* text : {"odbc:dm", "odbc:dm?encoding=utf-16le&table=p", "sqlite:a?exchange=p"}) {
    CAPTURE(text);
    CHECK(code_of(parse_source_address(text)) == ErrorCode::kUsage);
  }
  const SourceAddress odbc = must(parse_source_address("odbc:dm?encoding=gb18030&table=a.\"P\""));
  CHECK(odbc.place == "dm");
  CHECK(odbc.encoding == TextEncoding::kGb18030);
  CHECK(odbc.query == "SELECT * FROM a.\"P\"");
  CHECK(must(parse_source_address("postgres://u@h/d?exchange=a.b")).query ==
        R"(SELECT * FROM "a"."b" WHERE exchange_state = '0' ORDER BY exchange_id)");
  CHECK(must(parse_source_address("xlsx:a b.xlsx?sheet=表 1")).sheet == "表 1");
}
