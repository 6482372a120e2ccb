// Tests of mapping.hpp: the columns and words of a source as a source file maps them.
#include "platform/source/mapping/mapping.hpp"

#include <fstream>

#include "platform/source/csv_source.hpp"
#include "platform/source/kinds/jsonl_source.hpp"
#include "platform/source/read_source.hpp"
#include "platform/source/rows/row_image.hpp"
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
  "columns": [{"name": "id", "type": "integer", "key": true}, {"name": "code", "type": "text"},
              {"name": "sex", "type": "text"}]})";

class Source {
 public:
  Result<SourceTable> read(const std::string& name, std::string_view text,
                           const SourceMapping& mapping, NewestValue* newest = nullptr) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    const auto source = name.ends_with(".csv") ? must(open_csv_source(folder_ / name))
                                               : must(open_jsonl_source(folder_ / name));
    return read_source(*source, {.fingerprint_secret = secret_,
                                 .dataset = definition_,
                                 .unchanged = nothing_,
                                 .mapping = mapping,
                                 .newest = newest});
  }
  std::string error(const std::string& name, std::string_view text, const SourceMapping& mapping) {
    const Result<SourceTable> table = read(name, text, mapping);
    REQUIRE(table.has_error());
    return table.error().message;
  }

 private:
  TempDir folder_;
  SymmetricKey secret_ = SymmetricKey::random();
  DatasetDefinition definition_ = must(DatasetDefinition::parse(kDefinition, "people.json"));
  UnchangedRows nothing_;
};

// The third column of the first row.
std::string sex_of(const SourceTable& table) {
  const std::size_t column = 2;
  CellView cell;
  const std::size_t columns[] = {column};
  must(
      read_image_columns(table.parts().front().rows.front().image(), columns, std::span(&cell, 1)));
  return std::string(cell.text);
}

const SourceMapping kMapping{.headings = {{"id", "BH"}, {"sex", "XB"}},
                             .ignores_others = true,
                             .codes = {{"sex", {{"1", "男"}, {"2", "女"}}}},
                             .trims = true,
                             .newest_heading = "GXSJ",
                             .text = "1"};

}  // namespace

TEST_CASE("mapping: columns are renamed, others ignored, codes become words") {
  Source source;
  NewestValue newest;
  const SourceTable table = must(
      source.read("a.csv", "sex,BH,XB,code,GXSJ\nx,1, 2 ,1101,2026-01-09\n", kMapping, &newest));
  CHECK(sex_of(table) == "女");
  CHECK(newest.value() == "2026-01-09");
  const SourceTable lines = must(source.read(
      "a.jsonl", R"({"BH": 1, "other": [1], "XB": "1", "code": "1101", "GXSJ": "2026-02-01"})",
      kMapping, &newest));
  CHECK(sex_of(lines) == "男");
  CHECK(newest.value() == "2026-02-01");
}

TEST_CASE("mapping: what it names and the source lacks is a mistake, and so is an unknown code") {
  Source source;
  CHECK(source.error("a.csv", "sex,BH,code,GXSJ\nx,1,1101,\n", kMapping)
            .find("column sex: missing: the source has no column XB") != std::string::npos);
  CHECK(source.error("a.csv", "BH,XB,code\n1,1,1101\n", kMapping)
            .find("column GXSJ: missing in the header") != std::string::npos);
  const std::string unknown = source.error("a.csv", "BH,XB,code,GXSJ\n1,3,1101,\n", kMapping);
  CHECK(unknown.find("line 2, column sex: is not in the code list") != std::string::npos);
  CHECK(unknown.find("3,") == std::string::npos);
  SourceMapping strict = kMapping;
  strict.ignores_others = false;
  CHECK(source.error("a.csv", "BH,XB,code,GXSJ,more\n1,1,1101,,\n", strict)
            .find("column more: dataset people has no such column") != std::string::npos);
}

TEST_CASE("mapping: the newest value is the greatest number or the latest time") {
  NewestValue number;
  for (const char* value : {"9", "10", "", "7"}) number.add(value);
  CHECK(number.value() == "10");
  NewestValue time;
  for (const char* value : {"2026-01-01 10:00:00", "2026-01-01 10:00:00.5", "2025-12-31"}) {
    time.add(value);
  }
  CHECK(time.value() == "2026-01-01 10:00:00.5");
}

TEST_CASE("mapping: another mapping makes every row be read anew") {
  const SymmetricKey secret = SymmetricKey::random();
  const DatasetDefinition definition = must(DatasetDefinition::parse(kDefinition, "people.json"));
  UnchangedRows nothing;
  const SourceSetup plain{secret, definition, nothing};
  const SourceSetup mapped{.fingerprint_secret = secret,
                           .dataset = definition,
                           .unchanged = nothing,
                           .mapping = kMapping};
  CHECK(plain.way_of_reading() != mapped.way_of_reading());
}
