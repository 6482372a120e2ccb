// The connection for statements that people write: what it lets through, without a process around.
#include "storage/guarded_query.hpp"

#include "storage/guard_rules.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

class TwoFiles {
 public:
  TwoFiles() {
    make("a.db",
         "CREATE TABLE rows_1(row_id INTEGER PRIMARY KEY, code TEXT, closed TEXT);"
         "CREATE TABLE streams(slot);"
         "INSERT INTO rows_1 VALUES(1,'33','x'),(2,'44','y')");
    make("b.db",
         "CREATE TABLE rows_1(row_id INTEGER PRIMARY KEY, code TEXT);"
         "INSERT INTO rows_1 VALUES(1,'33')");
    a_ = must(query_.attach(folder_ / "a.db", key_));
    b_ = must(query_.attach(folder_ / "b.db", key_));
    must(query_.begin_reading());
    const ViewColumn columns[] = {{"code", "code"}, {"twice", "code || code"}};
    must(query_.add_view("a", columns, a_ + ".rows_1 WHERE row_id < 2"));
    must(query_.add_view("b", std::span(columns).first(1), b_ + ".rows_1"));
    must(query_.close_access());
  }

  std::string answer(const std::string& sql) {
    GuardedQuery& query = query_;
    if (const auto failure = query.prepare(sql)) return "! " + failure->message;
    std::string out;
    while (true) {
      const auto step = query.step();
      if (const auto* failure = std::get_if<SqlFailure>(&step)) return "! " + failure->message;
      if (!std::get<bool>(step)) return out;
      for (std::size_t i = 0; i < query.columns().size(); ++i) {
        const SqlCell cell = query.cell(static_cast<int>(i));
        out += cell.kind == SqlCell::Kind::kInteger ? std::to_string(cell.integer)
                                                    : std::string(cell.text);
        out += " ";
      }
    }
  }
  GuardedQuery& query() { return query_; }
  const std::string& schema() const { return a_; }

 private:
  void make(const std::string& name, const std::string& sql) {
    Database database = must(Database::open(folder_ / name, key_));
    must(database.execute(sql));
  }
  TempDir folder_;
  SymmetricKey key_ = SymmetricKey::random();
  GuardedQuery query_ =
      must(GuardedQuery::open({.sql_bytes = 10'000,
                               .value_bytes = 100'000,
                               .memory_bytes = 0,
                               .processor_time = std::chrono::milliseconds(200)}));
  std::string a_, b_;
};

}  // namespace

TEST_CASE("guarded query: the views are there, and show where their values come from") {
  TwoFiles files;
  CHECK(files.answer("SELECT code, twice FROM a") == "33 3333 ");
  const std::vector<SqlColumn> columns = files.query().columns();
  CHECK(columns[0].schema == files.schema());
  CHECK(columns[0].column == "code");
  CHECK(columns[1].column.empty());
  CHECK(files.query().used_views() == std::vector<std::string>{"a"});
  CHECK(files.answer("SELECT count(*) FROM a JOIN b USING (code)") == "1 ");
  CHECK(files.query().used_views() == std::vector<std::string>{"a", "b"});
  for (const char* sql : {"SELECT a.twice FROM a NATURAL JOIN b", "SELECT count(*) FROM a, b",
                          "SELECT 1 FROM a WHERE EXISTS (SELECT 1 FROM b)",
                          "SELECT code FROM a UNION SELECT code FROM b",
                          "WITH x AS (SELECT 1 FROM b) SELECT (SELECT count(*) FROM x) FROM a",
                          "SELECT a.code FROM a LEFT JOIN b USING (code)"}) {
    CAPTURE(std::string(sql));
    CHECK_FALSE(files.answer(sql).starts_with("!"));
    CHECK(files.query().used_views() == std::vector<std::string>{"a", "b"});
  }
  CHECK(files.answer("SELECT count(*) AS b FROM a") == "1 ");
  CHECK(files.query().used_views() == std::vector<std::string>{"a"});
}

TEST_CASE("guarded query: tables behind the views are closed, also under the name of a view") {
  TwoFiles files;
  for (const char* sql :
       {"SELECT closed FROM rows_1", "SELECT count(*) FROM rows_1", "SELECT * FROM streams",
        "WITH a AS (SELECT closed FROM rows_1) SELECT * FROM a",
        "WITH a AS (SELECT * FROM rows_1) SELECT count(*) FROM a",
        "SELECT name FROM sqlite_temp_schema", "SELECT count(*) FROM sqlite_temp_schema"}) {
    CAPTURE(std::string(sql));
    const std::string answer = files.answer(sql);
    CAPTURE(answer);
    CHECK(answer.starts_with("!"));
  }
}

TEST_CASE("guarded query: a statement over its time or a text over its size is stopped") {
  TwoFiles files;
  const std::string endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) ";
  CHECK(files.answer("SELECT length(printf('%200000d', 1))") == "! string or blob too big");
  CHECK(files.answer(endless + "SELECT max(i) FROM n") == "! interrupted");
}

TEST_CASE("guard rules: functions that make large values or look outside are not on the list") {
  for (const char* name : {"sum", "COUNT", "substr", "like", "row_number", "strftime", "folded"}) {
    CHECK(is_allowed_function(name));
  }
  for (const char* name : {"load_extension", "randomblob", "zeroblob", "readfile", "json_each",
                           "sqlite_version", "fts5", "match", "sqlite3mc_config", ""}) {
    CHECK_FALSE(is_allowed_function(name));
  }
}
