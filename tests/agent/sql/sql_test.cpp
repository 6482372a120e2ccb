// What a clerk may ask in SQL, what comes back, and what the ledger says of it.
#include "tests/agent/sql/sql_world.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("sql: columns by name, decimals and booleans as values, masks as in query") {
  SqlWorld sql;
  CHECK(sql.rows("SELECT name, members, area, rural, phone FROM roster ORDER BY id LIMIT 1") ==
        R"([["王小明",3,4.5E0,true,"138****1234"]])");
  const json::array columns = array_at(sql.sink.heads.at(0), "columns");
  CHECK(text_at(columns[0].as_object(), "title", Language::kChinese) == "姓名");
  CHECK(text_at(columns[1].as_object(), "type") == "integer");
  CHECK(boolean_at(columns[4].as_object(), "masked"));
  CHECK(sql.rows("SELECT sum(area), count(*) AS n FROM roster") == R"([[1.35E1,3]])");
}

TEST_CASE("sql: what query does not show is not there: grades, divisions, other purposes") {
  SqlWorld sql;
  CHECK(contains(sql.failure("SELECT secret FROM roster").message, "no such column: secret"));
  CHECK(sql.rows("SELECT * FROM roster LIMIT 1") ==
        R"([["a1","王小明","330402001001",3,4.5E0,true,"138****1234"]])");
  CHECK(sql.rows("SELECT code FROM villages ORDER BY 1") ==
        R"([["330402001001"],["330402001002"]])");
  CHECK(sql.rows("SELECT count(*) FROM villages") == "[[2]]");
  const Error other = sql.failure("SELECT * FROM wages");
  CHECK(other.code == ErrorCode::kNotPermitted);
  CHECK(contains(other.message, "payroll"));
  CHECK(sql.run("SELECT amount FROM wages", "payroll").has_value());
  sql.give_grants({}, "masked", 4);
  CHECK(sql.rows("SELECT phone FROM roster WHERE id = 'a1'") == R"([["138****1234"]])");
}

TEST_CASE("sql: a column with a mask holds the mask, whatever the grade allows") {
  SqlWorld sql;
  sql.give_grants({}, "full", 4);
  CHECK(sql.rows("SELECT phone FROM roster WHERE id = 'a1'") == R"([["138****1234"]])");
  CHECK(sql.rows("SELECT count(*) FROM roster WHERE phone NOT LIKE '%*%'") == "[[0]]");
}

TEST_CASE("sql: more rows than a screen are an export, which the grant must allow") {
  SqlWorld sql;
  const std::string many =
      "SELECT a.id FROM roster a, roster b, roster c, roster d, roster e, roster f, roster g";
  const SqlOutcome cut = must(sql.run(many));
  CHECK(cut.count == limits::kScreenRows);
  CHECK(cut.more);
  CHECK(cut.cut == "export");
  CHECK(must(sql.run(many, "verification", {}, 10)).cut == "rows");
  sql.may_export = true;
  sql.give_grants({});
  const SqlOutcome whole = must(sql.run(many));
  CHECK(whole.count == 2'187);
  CHECK_FALSE(whole.more);
}

TEST_CASE("sql: several datasets only if their grants name each other") {
  SqlWorld sql;
  const std::string join =
      "SELECT r.name, v.village FROM roster r JOIN villages v ON v.code = r.village";
  CHECK(sql.failure(join).code == ErrorCode::kNotPermitted);
  CHECK(sql.ledger().front().use.outcome == "not_permitted");
  CHECK(sql.ledger().front().use.dataset == "roster,villages");
  sql.give_grants({{"roster", "villages"}});
  CHECK(contains(sql.failure(join).message, "dataset villages does not allow"));
  for (const char* hidden :
       {"SELECT name FROM roster UNION SELECT village FROM villages",
        "SELECT name FROM roster WHERE village IN (SELECT code FROM villages)",
        "WITH v AS (SELECT code FROM villages) SELECT name, (SELECT count(*) FROM v) FROM roster",
        "SELECT count(*) FROM roster, villages",
        "SELECT r.name FROM roster r JOIN (SELECT code AS village FROM villages) USING (village)",
        "SELECT r.name FROM roster r NATURAL JOIN (SELECT code AS village FROM villages)"}) {
    CAPTURE(hidden);
    CHECK(sql.failure(hidden).code == ErrorCode::kNotPermitted);
  }
  CHECK(sql.sink.kept.empty());
  sql.give_grants({{"roster", "villages"}, {"villages", "roster"}});
  CHECK(sql.rows(join + " ORDER BY 1 LIMIT 1") == R"([["Li \"Q\", 丽","=1+1"]])");
  CHECK(sql.sink.heads.at(0).at("sources").as_array().size() == 2);
  CHECK(text_at(object_at(sql.sink.heads[0], "provenance"), "dataset") == "roster,villages");
}

TEST_CASE("sql: a name of another dataset that reads nothing of it is no join") {
  SqlWorld sql;
  CHECK(sql.rows("SELECT count(*) AS villages FROM roster") == "[[3]]");
  CHECK(sql.ledger().front().use.dataset == "roster");
}

TEST_CASE("sql: an entry of the ledger is there before a row, without the statement's words") {
  SqlWorld sql;
  must(sql.run("SELECT name FROM roster WHERE id = 'a1'"));
  const Use use = sql.ledger().front().use;
  CHECK(use.command == "sql");
  CHECK(use.dataset == "roster");
  CHECK(use.purpose == "verification");
  CHECK(use.count == 1);
  CHECK(use.outcome == "done");
  CHECK(use.subject.size() == 32);
  must(sql.run("SELECT name FROM roster WHERE id = 'b2'"));
  CHECK(sql.ledger().front().use.subject != use.subject);
  must(sql.run("SELECT name FROM roster WHERE id = 'a1'"));
  CHECK(sql.ledger().front().use.subject == use.subject);
}

TEST_CASE("sql: parameters are values; texts stay texts") {
  SqlWorld sql;
  CHECK(sql.rows("SELECT id FROM roster WHERE name = :n", {{"n", "王小明"}}) == R"([["a1"]])");
  CHECK(sql.rows("SELECT id FROM roster WHERE members > :m ORDER BY 1", {{"m", std::int64_t{2}}}) ==
        R"([["a1"],["b2"]])");
  CHECK(sql.rows("SELECT :v", {{"v", "0123"}}) == R"([["0123"]])");
  CHECK(sql.rows("SELECT id FROM roster WHERE id = :x", {{"x", "' OR 1=1 --"}}) == "[]");
  CHECK(contains(sql.failure("SELECT :missing").message, ":missing"));
  CHECK(sql.run("SELECT 1", "verification", {{"n", "1"}}).has_error());
  CHECK(contains(sql.failure("SELECT ?").message, "no name"));
}

TEST_CASE("sql: a mistake is shown with its place, in both languages, and what was meant") {
  SqlWorld sql;
  const Error word = sql.failure("SELECT name\nFORM roster");
  CHECK(word.code == ErrorCode::kBadInput);
  CHECK(word.field == "line 2, column 6");
  CHECK(contains(word.hint.zh, "第 2 行第 6 个字符"));
  const Error column = sql.failure("SELECT '王', nmae FROM roster");
  CHECK(column.field == "line 1, column 13");
  CHECK(contains(column.hint.en, "Did you mean name?"));
  CHECK(contains(column.hint.zh, "没有名为 nmae 的列"));
  const Error table = sql.failure("SELECT * FROM rooster");
  CHECK(table.field == "line 1, column 15");
  CHECK(contains(table.hint.en, "Did you mean roster?"));
  CHECK(contains(sql.failure("SELECT * FROM unknown").hint.zh, "roster"));
  CHECK(contains(sql.failure("SELECT name FROM roster WHERE name = \"x\"").hint.zh, "单引号"));
  CHECK(contains(sql.failure("SELECT 1; SELECT 2").message, "one statement"));
  CHECK(contains(sql.failure("SELECT count(").hint.zh, "语句不完整"));
}

TEST_CASE("sql: limits are said in the answer") {
  SqlWorld sql;
  const std::string numbers =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT 100000) SELECT ";
  const SqlOutcome rows = must(sql.run(numbers + "i FROM n", "verification", {}, 1000));
  CHECK(rows.count == 1000);
  CHECK(rows.more);
  CHECK(rows.cut == "rows");
  CHECK(sql.sink.kept.size() == 1000);
  sql.options.answer_bytes = 100'000;
  const SqlOutcome bytes = must(sql.run(numbers + "i, printf('%200d', i) FROM n"));
  CHECK(bytes.cut == "bytes");
  CHECK(sql.sink.kept.size() == bytes.count);
  CHECK(bytes.count < 1'000);
  const std::vector<LedgerEntry> entries = sql.ledger();
  CHECK(entries[0].use.outcome == "done");
  CHECK(entries[0].use.count == static_cast<std::int64_t>(bytes.count));
  CHECK(entries[1].use.outcome == "started");
}

TEST_CASE("sql: an answer whose reader has gone stops its process") {
  SqlWorld sql;
  Office office = sql.world.open();
  int asked = 0;
  const Result<SqlOutcome> outcome = run_sql(
      office, own_peer(),
      {.sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT max(i) FROM n",
       .purpose = "verification"},
      sql.sink, [&] { return ++asked > 5; }, sql.options);
  CHECK(code_of(outcome) == ErrorCode::kUnreachable);
}

TEST_CASE("sql: the tables and columns that there are") {
  SqlWorld sql;
  Office office = sql.world.open();
  const json::array tables = must(describe_tables(office, own_peer(), "verification"));
  REQUIRE(tables.size() == 2);
  CHECK(text_at(tables[0].as_object(), "table") == "roster");
  CHECK(array_at(tables[0].as_object(), "columns").size() == 7);
  CHECK(code_of(describe_tables(office, own_peer(), "curiosity")) == ErrorCode::kNotPermitted);
  CHECK(sql.ledger().front().use.outcome == "not_permitted");
}

TEST_CASE("sql: a damaged file is noted, and named") {
  SqlWorld sql;
  const fs::path file = sql.world.context.home.dataset("villages");
  fs::resize_file(file, 5000);
  const Error error = sql.failure("SELECT * FROM villages");
  CHECK(error.code == ErrorCode::kStorageDamaged);
  Office office = sql.world.open();
  CHECK(must(is_noted_damaged(office.keys(), dataset_key_name("villages"))));
  CHECK(sql.rows("SELECT count(*) FROM roster") == "[[3]]");
}
