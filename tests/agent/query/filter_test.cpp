// Filters as people write them: the SQL they become, and the errors that list what exists.
#include "agent/query/filter.hpp"

#include "agent/query/paging.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using rootlet::test::code_of;
using rootlet::test::must;

namespace {

const std::vector<FilterColumn> kColumns = {
    {{.name = "code"}, "\"code\"", {.en = "Division code", .zh = "区划代码"}},
    {{.name = "phone"}, "\"phone~\"", {.en = "Phone", .zh = "电话"}},
    {{.name = "year", .type = ColumnType::kInteger}, "\"year\""},
    {{.name = "area", .type = ColumnType::kDecimal, .scale = 2}, "\"area\""},
    {{.name = "built", .type = ColumnType::kDate}, "\"built\""},
    {{.name = "rural", .type = ColumnType::kBoolean}, "\"rural\""},
};

Condition parsed(std::string_view text) {
  return must(parse_filter(text, kColumns));
}

std::string refusal(std::string_view text) {
  const Result<Condition> result = parse_filter(text, kColumns);
  CHECK(code_of(result) == ErrorCode::kBadInput);
  CHECK(result.error().field == "where");
  return result.error().message;
}

}  // namespace

TEST_CASE("filter: comparisons use the column's type") {
  CHECK(parsed("code=eq.3304").sql == "\"code\" = ?");
  CHECK(parsed("code=eq.3304").values.front().text == "3304");
  CHECK(parsed("year=gte.2020").sql == "\"year\" >= ?");
  CHECK(parsed("year=gte.2020").values.front().integer == 2020);
  CHECK(parsed("area=lt.1.5").values.front().integer == 150);
  CHECK(parsed("built=neq.2020-02-29").values.front().text == "2020-02-29");
  CHECK(parsed("code=eq.").values.front().kind == CellView::Kind::kText);
  CHECK(parsed("code=eq.a=b.c").values.front().text == "a=b.c");
}

TEST_CASE("filter: a masked column is compared by its masked value") {
  CHECK(parsed("phone=eq.138****1234").sql == "\"phone~\" = ?");
}

TEST_CASE("filter: a star is the only wildcard") {
  CHECK(parsed("code=like.33*").sql == "\"code\" GLOB ?");
  CHECK(parsed("code=like.33*").values.front().text == "33*");
  CHECK(parsed("code=like.a?b[c").values.front().text == "a[?]b[[]c");
  CHECK(parsed("code=ilike.*a%b_c*").values.front().text == "%a\\%b\\_c%");
}

TEST_CASE("filter: lists, nulls and negation") {
  const Condition list = parsed("code=in.(a,\"b,c\",\"d\\\"e\")");
  CHECK(list.sql == "\"code\" IN (?,?,?)");
  CHECK(list.values[1].text == "b,c");
  CHECK(list.values[2].text == "d\"e");
  CHECK(parsed("year=is.null").sql == "\"year\" IS NULL");
  CHECK(parsed("year=not.is.null").sql == "NOT (\"year\" IS NULL)");
  CHECK(parsed("code=not.in.(a)").sql == "NOT (\"code\" IN (?))");
  CHECK(parsed("rural=is.true").sql == "\"rural\" = 1");
}

TEST_CASE("filter: an error lists the known columns and operators") {
  CHECK(refusal("nmae=eq.x").find("there is no column 'nmae'; there are: code, phone, year") !=
        std::string::npos);
  CHECK(refusal("code=equals.x").find("there is no operator 'equals'; there are: eq, neq") !=
        std::string::npos);
  for (const char* bad : {"code", "code=eq", "=eq.x", "year=eq.abc", "year=eq.", "year=like.2*",
                          "built=eq.2021-02-29", "area=eq.1.234", "code=in.a,b", "code=is.true",
                          "code=in.(\"a)", "rural=eq.maybe", "code=not.eq"}) {
    CAPTURE(bad);
    refusal(bad);
  }
}

TEST_CASE("columns: by name or by title in either language") {
  CHECK(parsed("区划代码=eq.3304").sql == "\"code\" = ?");
  CHECK(parsed("Division code=eq.3304").sql == "\"code\" = ?");
  CHECK(find_column(kColumns, "code") == &kColumns[0]);
  CHECK(find_column(kColumns, "") == nullptr);  // columns without a title have none
  const std::vector<FilterColumn> doubled = {{{.name = "a"}, "a", {.en = "T", .zh = "题"}},
                                             {{.name = "b"}, "b", {.en = "T", .zh = "目"}}};
  CHECK(find_column(doubled, "T") == nullptr);
  CHECK(find_column(doubled, "目") == &doubled[1]);
  CHECK(no_such_column("T", doubled, "where").message == "two columns have the title 'T': a, b");
}

TEST_CASE("columns: a misspelt one gets a near one as hint") {
  const Result<Condition> refused = parse_filter("cide=eq.1", kColumns);
  CHECK(refused.error().hint.en == "Did you mean code?");
  CHECK(parse_filter("区划代号=eq.1", kColumns).error().hint.zh.find("区划代码") !=
        std::string::npos);
  CHECK(parse_filter("code=liek.1", kColumns).error().hint.en == "Did you mean like?");
}

TEST_CASE("order: a column by name or title with its direction, and the row number at the end") {
  const auto sql = [](const char* term) { return order_sql(must(parse_order({term}, kColumns))); };
  CHECK(sql("code") == " ORDER BY \"code\", \"~row\"");
  CHECK(sql("code.asc") == " ORDER BY \"code\", \"~row\"");
  CHECK(sql("电话.desc") == " ORDER BY \"phone\" DESC, \"~row\"");
  for (const char* wrong : {"", "x", "code.down", "code; DROP", "\"code\""}) {
    CAPTURE(wrong);
    const auto refused = parse_order({wrong}, kColumns);
    CHECK(code_of(refused) == ErrorCode::kBadInput);
    CHECK(refused.error().field == "order");
  }
  CHECK(code_of(parse_order({"code", "code.desc"}, kColumns)) == ErrorCode::kBadInput);
}
