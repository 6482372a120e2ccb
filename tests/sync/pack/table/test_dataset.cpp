// Definitions of datasets, masks and cells: what is accepted, and what each error says.
#include "tests/sync/pack/pack_support.hpp"

namespace rootlet::test {
namespace {

constexpr std::string_view kVillages = R"json({
  "id": "villages",
  "title": {"zh": "村级区划", "en": "Villages"},
  "provider": {"code": "11100000MB0123", "name": {"zh": "民政部门", "en": "Civil affairs"}},
  "format": "table", "update": "yearly",
  "sharing": {"attribute": "unconditional", "mode": "batch", "uses": ["address-lookup"]},
  "grade": "general", "assessment": "2026-017",
  "division": {"column": "code", "digits": 4},
  "columns": [
    {"name": "code", "type": "text", "key": true, "title": {"zh": "代码", "en": "Code"}},
    {"name": "name", "type": "text", "search": true, "grade": 1},
    {"name": "rent", "type": "decimal(2)", "grade": 2},
    {"name": "phone", "type": "text", "grade": 3, "mask": "phone", "tags": ["pi"]} ] })json";

// The example with `from` replaced by `to`.
std::string with(std::string_view from, std::string_view to) {
  std::string text(kVillages);
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

Error refused(const std::string& text) {
  const Result<DatasetDefinition> parsed = DatasetDefinition::parse(text, "villages.json");
  REQUIRE(parsed.has_error());
  CHECK(parsed.error().code == ErrorCode::kBadInput);
  CHECK(parsed.error().message.starts_with("villages.json"));
  return parsed.error();
}

}  // namespace

TEST_CASE("dataset: the whole example definition is read") {
  const DatasetDefinition villages = must(DatasetDefinition::parse(kVillages, "villages.json"));
  CHECK(villages.id == "villages");
  CHECK(villages.title.zh == "村级区划");
  CHECK(villages.uses == std::vector<std::string>{"address-lookup"});
  CHECK(villages.division_column == "code");
  CHECK(villages.key_columns() == std::vector<std::size_t>{0});
  CHECK(villages.column("phone")->tags == std::vector<std::string>{"pi"});
  CHECK(villages.column("name")->title.en == "name");
  CHECK(villages.column("none") == nullptr);
  CHECK(must(DatasetDefinition::parse(villages.source, "again")).source == villages.source);

  const std::vector<SectionSchema> sections = villages.sections();
  REQUIRE(sections.size() == 3);
  CHECK(sections[0].grade == 1);
  REQUIRE(sections[0].columns.size() == 3);
  CHECK(sections[0].columns[2].name == "phone~");
  CHECK(sections[1].grade == 2);
  CHECK(sections[1].columns[0] ==
        ColumnSpec{.name = "rent", .type = ColumnType::kDecimal, .scale = 2});
  CHECK(sections[2].grade == 3);
}

TEST_CASE("dataset: a partition is the leading digits of the division code") {
  const DatasetDefinition villages = must(DatasetDefinition::parse(kVillages, "villages.json"));
  CHECK(must(villages.partition_of("330402001001")) == "3304");
  CHECK(must(villages.partition_of("3304")) == "3304");
  for (const std::string_view wrong : {"", "330", "33o4", "3304-1"}) {
    const Result<std::string> partition = villages.partition_of(wrong);
    REQUIRE(partition.has_error());
    CHECK(partition.error().field == "code");
  }
  const DatasetDefinition whole =
      must(DatasetDefinition::parse(with("\"digits\": 4", "\"digits\": 0"), "villages.json"));
  CHECK(must(whole.partition_of("")) == "all");
  CHECK(whole.division_column.empty());
}

TEST_CASE("dataset: every mistake names the file and the field") {
  struct Mistake {
    std::string_view from, to, field;
  };
  const std::vector<Mistake> mistakes{
      {"\"villages\"", "\"Villages\"", "id"},
      {"\"villages\"", "\"directory\"", "id"},
      {"\"id\": \"villages\",", "", "id"},
      {"\"format\": \"table\"", "\"format\": \"file\"", "format"},
      {"\"yearly\"", "\"sometimes\"", "update"},
      {"\"unconditional\"", "\"free\"", "sharing.attribute"},
      {"\"unconditional\"", "\"conditional\"", "sharing.scope"},
      {"\"unconditional\", \"mode\": \"batch\", \"uses\": [\"address-lookup\"]",
       "\"conditional\", \"scope\": \"towns\"", "sharing.uses"},
      {"\"unconditional\"", "\"not_shared\"", "sharing.uses"},
      {", \"mode\": \"batch\", \"uses\": [\"address-lookup\"]", ", \"reason\": \"x\"",
       "sharing.reason"},
      {"\"address-lookup\"", "\"Address lookup\"", "sharing.uses"},
      {"\"address-lookup\"", "\"a\", \"a\"", "sharing.uses"},
      {"\"digits\": 4", "\"digits\": 5", "division.digits"},
      {"\"column\": \"code\"", "\"column\": \"area\"", "division.column"},
      {"\"column\": \"code\"", "\"column\": \"rent\"", "division.column"},
      {"\"key\": true, ", "", "columns"},
      {"\"key\": true", "\"key\": \"yes\"", "columns[0].key"},
      {"\"name\": \"name\"", "\"name\": \"CODE\"", "columns[1].name"},
      {"\"name\": \"name\"", "\"name\": \"row_id\"", "columns[1].name"},
      {"\"name\": \"name\"", "\"name\": \"a b\"", "columns[1].name"},
      {"\"type\": \"text\", \"search\"", "\"type\": \"string\", \"search\"", "columns[1].type"},
      {"decimal(2)", "decimal(19)", "columns[2].type"},
      {"decimal(2)", "decimal(02)", "columns[2].type"},
      {"\"grade\": 3", "\"grade\": 5", "columns[3].grade"},
      {"\"mask\": \"phone\"", "\"mask\": \"stars\"", "columns[3].mask"},
      {"\"grade\": 3", "\"grade\": 1", "columns[3].mask"},
      {"\"tags\": [\"pi\"]", "\"tag\": [\"pi\"]", "columns[3].tag"},
      {"\"assessment\"", "\"asessment\"", "asessment"},
      {"\"code\": \"11100000MB0123\"", "\"code\": \"../x\"", "provider.code"},
      {"\"name\": {\"zh\": \"民政部门\", \"en\": \"Civil affairs\"}", "\"name\": {}",
       "provider.name"},
  };
  for (const Mistake& mistake : mistakes) {
    CAPTURE(mistake.to);
    CHECK(refused(with(mistake.from, mistake.to)).field == mistake.field);
  }
  CHECK(refused("{").field.starts_with("line 1, column "));
  CHECK(refused("[]").field == "document");
  std::string columns;
  for (int i = 0; i < 200; ++i) {
    columns += "{\"name\": \"c" + std::to_string(i) + "\", \"type\": \"text\", \"title\": \"" +
               std::string(400, 'x') + "\"},";
  }
  CHECK(refused(with("\"columns\": [", "\"columns\": [" + columns)).field == "document");
}

TEST_CASE("dataset: important and core data are refused with the reason") {
  for (const std::string_view grade : {"\"grade\": \"important\"", "\"grade\": \"core\""}) {
    const Error error = refused(with("\"grade\": \"general\"", grade));
    CHECK(error.field == "grade");
    CHECK(error.hint.en.find("GB/T 43697") != std::string::npos);
    CHECK(error.hint.zh.find("GB/T 43697") != std::string::npos);
  }
  CHECK(refused(with("\"grade\": \"general\"", "\"grade\": \"secret\"")).field == "grade");
}

TEST_CASE("dataset: conditional and not shared say what Article 15 asks for") {
  const std::string conditional =
      with("\"unconditional\"", "\"conditional\", \"scope\": \"townships of the county\"");
  CHECK(must(DatasetDefinition::parse(conditional, "x")).scope == "townships of the county");
  const std::string_view sharing =
      "\"unconditional\", \"mode\": \"batch\", \"uses\": [\"address-lookup\"]";
  const std::string closed =
      with(sharing, "\"not_shared\", \"reason\": \"state secret\", \"basis\": \"Art. 10\"");
  CHECK(must(DatasetDefinition::parse(closed, "x")).basis == "Art. 10");
  CHECK(refused(with(sharing, "\"not_shared\", \"reason\": \"r\"")).field == "sharing.basis");
  CHECK(refused(with(sharing, "\"not_shared\", \"basis\": \"b\"")).field == "sharing.reason");
}

TEST_CASE("dataset: masks show what they promise and nothing more") {
  CHECK(mask_text("phone", "13812341234") == "138****1234");
  CHECK(mask_text("id", "11010519491231002X") == "110105********002X");
  CHECK(mask_text("name", "王小明") == "王*");
  CHECK(mask_text("address", "浙江省嘉兴市南湖区1号") == "浙江省嘉兴市****");
  CHECK(mask_text("all", "anything") == "****");
  CHECK(mask_text("phone", "110") == "****");
  CHECK(mask_text("id", "123456789") == "********");
  CHECK(mask_text("name", "王") == "*");
  CHECK(mask_text("address", "浙江省") == "****");
  CHECK(mask_text("all", "") == "****");
}

TEST_CASE("cell: a value comes back in its canonical form") {
  struct Case {
    ColumnType type;
    std::uint8_t scale;
    std::string_view in, out;
  };
  const std::vector<Case> cases{
      {ColumnType::kText, 0, "王·明", "王·明"},
      {ColumnType::kText, 0, " a ", " a "},
      {ColumnType::kInteger, 0, "0", "0"},
      {ColumnType::kInteger, 0, "-9223372036854775808", "-9223372036854775808"},
      {ColumnType::kDecimal, 2, "12", "12.00"},
      {ColumnType::kDecimal, 2, "-0.5", "-0.50"},
      {ColumnType::kDecimal, 2, "-0.00", "0.00"},
      {ColumnType::kDecimal, 3, "0.001", "0.001"},
      {ColumnType::kDecimal, 0, "7", "7"},
      {ColumnType::kDecimal, 2, "-92233720368547758.08", "-92233720368547758.08"},
      {ColumnType::kDate, 0, "2024-02-29", "2024-02-29"},
      {ColumnType::kDatetime, 0, "2026-01-31T08:00:00Z", "2026-01-31T08:00:00Z"},
      {ColumnType::kDatetime, 0, "2026-01-31 08:00:00", "2026-01-31 08:00:00"},
      {ColumnType::kBoolean, 0, "1", "true"},
      {ColumnType::kBoolean, 0, "false", "false"},
      {ColumnType::kInteger, 0, "", ""},
  };
  for (const Case& one : cases) {
    CAPTURE(one.in);
    const ColumnSpec column{.name = "x", .type = one.type, .scale = one.scale};
    const OwnedCell cell = must(parse_cell(column, one.in));
    CHECK(format_cell(column, cell.view()) == one.out);
    CHECK(must(parse_cell(column, one.out)) == cell);
  }
}

TEST_CASE("cell: an invalid value is refused with a hint") {
  struct Case {
    ColumnType type;
    std::uint8_t scale;
    std::string in;
  };
  const std::vector<Case> cases{
      {ColumnType::kText, 0, "\xC3\x28"},
      {ColumnType::kText, 0, std::string("a\0b", 3)},
      {ColumnType::kText, 0, std::string(65'537, 'a')},
      {ColumnType::kInteger, 0, "007"},
      {ColumnType::kInteger, 0, "+7"},
      {ColumnType::kInteger, 0, "-0"},
      {ColumnType::kInteger, 0, "-"},
      {ColumnType::kInteger, 0, "1e3"},
      {ColumnType::kInteger, 0, "9223372036854775808"},
      {ColumnType::kDecimal, 2, "1.234"},
      {ColumnType::kDecimal, 2, "1."},
      {ColumnType::kDecimal, 2, ".5"},
      {ColumnType::kDecimal, 2, "01.5"},
      {ColumnType::kDecimal, 2, "1.-5"},
      {ColumnType::kDecimal, 2, "1,5"},
      {ColumnType::kDecimal, 2, "92233720368547758.08"},
      {ColumnType::kDate, 0, "2023-02-29"},
      {ColumnType::kDate, 0, "2023-13-01"},
      {ColumnType::kDate, 0, "0000-01-01"},
      {ColumnType::kDate, 0, "1/31/2023"},
      {ColumnType::kDate, 0, "46053"},
      {ColumnType::kDatetime, 0, "2026-01-31"},
      {ColumnType::kDatetime, 0, "2026-01-31T24:00:00Z"},
      {ColumnType::kDatetime, 0, "2026-01-31T08"},
      {ColumnType::kDatetime, 0, "2026-02-30 08:00:00"},
      {ColumnType::kBoolean, 0, "ja"},
      {ColumnType::kText, 0, "1.10105E+17"},
      {ColumnType::kInteger, 0, "1,234"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.in.substr(0, 40));
    const ColumnSpec column{.name = "x", .type = one.type, .scale = one.scale};
    const Result<OwnedCell> cell = parse_cell(column, one.in);
    REQUIRE(cell.has_error());
    CHECK(cell.error().field == "x");
    CHECK(!cell.error().hint.zh.empty());
  }
}

}  // namespace rootlet::test
