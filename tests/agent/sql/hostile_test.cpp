// Statements of somebody who wants more than is granted: each is denied, or stopped within its
// limits, or yields nothing that the person may not see; no file is made, and the agent goes on.
#include <chrono>
#include <map>

#include "tests/agent/sql/sql_world.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

enum class Expected {
  kDenied,    // kNotPermitted
  kMistake,   // kBadInput: SQLite does not know it, or the text is wrong
  kStopped,   // kBadInput: over a limit
  kHarmless,  // an answer, of what the person may see
};

struct Hostile {
  Expected expected;
  std::string sql;
};

std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

using enum Expected;

std::vector<Hostile> outside_of_the_database(const std::string& folder) {
  return {
      {kDenied, "ATTACH DATABASE '" + folder + "/made.db' AS x"},
      {kDenied, "ATTACH ':memory:' AS x"},
      {kDenied, "ATTACH '" + folder + "/home/datasets/wages.db' AS x KEY 'raw:00'"},
      {kDenied, "DETACH main"},
      {kDenied, "VACUUM"},
      {kDenied, "VACUUM INTO '" + folder + "/made.db'"},
      {kDenied, "VACUUM main INTO '" + folder + "/made.db'"},
      {kMistake, "SELECT load_extension('/usr/lib/libc.so')"},
      {kMistake, "SELECT readfile('/etc/passwd')"},
      {kMistake, "SELECT writefile('" + folder + "/made.txt', 'x')"},
      {kMistake, "SELECT * FROM fsdir('/')"},
      {kMistake, "SELECT edit('x', 'vi')"},
      {kMistake, "SELECT * FROM csv('/etc/passwd')"},
      {kMistake, ".output " + folder + "/made.txt"},
      {kMistake, "SELECT * FROM 'file:/etc/passwd'"},
      {kDenied, "SELECT name FROM roster; ATTACH '" + folder + "/made.db' AS x"},
      {kDenied, "BEGIN"},
      {kDenied, "COMMIT"},
      {kDenied, "SAVEPOINT s"},
      {kDenied, "ANALYZE"},
      {kDenied, "REINDEX"},
  };
}

std::vector<Hostile> settings() {
  return {
      {kDenied, "PRAGMA database_list"},
      {kDenied, "PRAGMA writable_schema = ON"},
      {kDenied, "PRAGMA query_only = OFF"},
      {kDenied, "PRAGMA trusted_schema = ON"},
      {kDenied, "PRAGMA temp_store_directory = '/tmp'"},
      {kDenied, "PRAGMA journal_mode = DELETE"},
      {kDenied, "PRAGMA key"},
      {kDenied, "PRAGMA rekey = 'x'"},
      {kDenied, "PRAGMA cipher"},
      {kDenied, "PRAGMA hard_heap_limit = 0"},
      {kDenied, "PRAGMA mmap_size = 1000000000"},
      {kDenied, "SELECT * FROM pragma_database_list"},
      {kDenied, "SELECT count(*) FROM pragma_database_list"},
      {kDenied, "SELECT file FROM pragma_database_list AS roster"},
      {kDenied, "SELECT * FROM pragma_table_info('roster')"},
      {kDenied, "SELECT * FROM pragma_function_list"},
      {kDenied, "SELECT sqlite_version()"},
      {kDenied, "SELECT sqlite_compileoption_get(1)"},
      {kDenied, "SELECT sqlite3mc_config('cipher')"},
      {kDenied, "EXPLAIN SELECT * FROM roster"},
      {kDenied, "EXPLAIN QUERY PLAN SELECT * FROM roster"},
  };
}

std::vector<Hostile> other_tables() {
  return {
      {kDenied, "SELECT * FROM sqlite_schema"},
      {kDenied, "SELECT sql FROM sqlite_master"},
      {kDenied, "SELECT count(*) FROM sqlite_master"},
      {kDenied, "SELECT sql FROM sqlite_temp_schema"},
      {kDenied, "SELECT sql FROM temp.sqlite_master"},
      {kDenied, "SELECT * FROM rows_1, roster"},
      {kDenied, "SELECT \"phone~\" FROM rows_1, roster"},
      {kDenied, "SELECT count(*) FROM rows_1, roster"},
      {kDenied, "SELECT * FROM streams, roster"},
      {kDenied, "SELECT count(*) FROM streams, roster"},
      {kDenied, "WITH roster AS (SELECT * FROM rows_1) SELECT * FROM roster"},
      {kMistake, "WITH roster AS (SELECT secret FROM rows_1) SELECT count(*) FROM roster"},
      {kDenied, "SELECT (SELECT max(value) FROM digests) FROM roster"},
      {kDenied, "SELECT * FROM roster WHERE EXISTS (SELECT 1 FROM facts)"},
      {kMistake, "SELECT * FROM main.rows_1, roster"},
      {kMistake, "SELECT \"~row\" FROM roster"},
      {kMistake, "SELECT rowid FROM roster"},
      {kMistake, "SELECT \"phone~\" FROM roster"},
      {kDenied, "SELECT * FROM wages"},
      {kDenied, "SELECT count(*) FROM wages"},
      {kDenied, "SELECT name FROM roster UNION SELECT amount FROM wages"},
      {kDenied, "SELECT r.name FROM roster r JOIN villages v ON v.code = r.village"},
      {kMistake, "SELECT * FROM sqlite_dbpage"},
      {kMistake, "SELECT * FROM dbstat"},
      {kMistake, "SELECT * FROM fts5vocab('roster', 'row')"},
      {kDenied, "SELECT * FROM json_each('[1]')"},
      {kDenied, "SELECT json_object('a', name) FROM roster"},
      {kDenied, "SELECT fts5_source_id()"},
      {kDenied, "SELECT highlight(roster, 0, 'a', 'b') FROM roster"},
      {kDenied, "SELECT name FROM roster WHERE roster MATCH 'x'"},
  };
}

std::vector<Hostile> writes() {
  return {
      {kDenied, "INSERT INTO roster VALUES (1)"},
      {kMistake, "INSERT INTO streams VALUES (1, 2)"},  // no file is there: roster is not named
      {kDenied, "WITH r AS (SELECT * FROM roster) INSERT INTO streams SELECT 1 FROM r"},
      {kDenied, "WITH r AS (SELECT * FROM roster) DELETE FROM rows_1"},
      {kMistake, "UPDATE roster SET name = 'x'"},
      {kMistake, "DELETE FROM roster"},
      {kMistake, "DROP TABLE streams"},
      {kDenied, "DROP VIEW roster"},
      {kDenied, "CREATE TABLE t(x)"},
      {kDenied, "CREATE TEMP TABLE t AS SELECT * FROM roster"},
      {kDenied, "CREATE TEMP VIEW v AS SELECT 1"},
      {kDenied, "CREATE VIRTUAL TABLE t USING fts5(x)"},
      {kDenied, "CREATE TEMP TRIGGER t INSTEAD OF DELETE ON roster BEGIN SELECT 1; END"},
      {kMistake, "ALTER TABLE streams RENAME TO x"},
  };
}

std::vector<Hostile> bombs() {
  const std::string numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) ";
  return {
      {kStopped, numbers + "SELECT max(i) FROM n"},
      {kStopped, numbers + "SELECT count(*) FROM n AS a, n AS b"},
      {kStopped, numbers + "SELECT i FROM n ORDER BY i DESC"},
      {kStopped, numbers + "SELECT i, sum(i) OVER (ORDER BY i) FROM n"},
      {kStopped, numbers + "SELECT group_concat(i, printf('%1000d', i)) FROM n"},
      {kStopped, numbers + "SELECT string_agg(hex(i), ',') FROM n GROUP BY i % 2"},
      {kStopped,
       "WITH RECURSIVE s(x) AS (SELECT 'a' UNION ALL SELECT x||x FROM s) "
       "SELECT length(x) FROM s"},
      {kStopped,
       "WITH RECURSIVE s(x) AS (SELECT 'a' UNION ALL SELECT replace(x, 'a', 'aa') "
       "FROM s) SELECT max(length(x)) FROM s"},
      {kStopped, "SELECT printf('%1000000000d', 1)"},
      {kStopped, "SELECT printf('%.*c', 2000000000, 'x')"},
      {kStopped, "SELECT count(*) FROM " + repeated("roster,", 60) + " roster"},
      {kStopped, "SELECT count(*) FROM " + repeated("roster,", 30) + " roster"},
      {kHarmless, "SELECT " + repeated("(", 150) + "1" + repeated(")", 150)},
      {kStopped, "SELECT 1" + repeated(" UNION ALL SELECT 1", 100)},
      {kStopped, "SELECT 1" + repeated("+1", 5'000)},
      {kStopped, "SELECT " + repeated("1,", 2'000) + "1"},
      {kStopped, "SELECT '" + repeated("x", 70'000) + "'"},
      {kHarmless,
       "SELECT 1 WHERE '" + repeated("a", 20'000) + "' LIKE '" + repeated("%a", 90) + "b'"},
      {kHarmless,
       "SELECT 1 WHERE '" + repeated("a", 20'000) + "' GLOB '" + repeated("*a", 90) + "b'"},
      {kStopped, "SELECT name FROM roster WHERE name LIKE '" + repeated("%a", 200) + "'"},
      {kDenied, "SELECT zeroblob(1000000000)"},
      {kDenied, "SELECT randomblob(1000000000)"},
      {kDenied, "SELECT length(zeroblob(2147483647))"},
      {kDenied, "SELECT json_array(" + repeated("1,", 90) + "1)"},
      {kMistake, "SELECT name FROM roster WHERE name REGEXP '(a+)+$'"},
      {kStopped,
       "WITH a(x) AS (SELECT 1 UNION ALL SELECT 1), b(x) AS (SELECT 1 FROM a,a,a,a,a,a), "
       "c(x) AS (SELECT 1 FROM b,b,b,b,b,b), d(x) AS (SELECT 1 FROM c,c,c,c,c,c) "
       "SELECT count(*) FROM d"},
      {kHarmless, "SELECT name FROM roster WHERE id = '' OR 1=1 --"},
      {kHarmless, "SELECT group_concat(name) FROM roster"},
      {kHarmless, "SELECT 'main', name FROM temp.roster"},
  };
}

std::vector<Hostile> all(const std::string& folder) {
  std::vector<Hostile> out;
  for (std::vector<Hostile>& list : std::vector{outside_of_the_database(folder), settings(),
                                                other_tables(), writes(), bombs()}) {
    for (Hostile& one : list) out.push_back(std::move(one));
  }
  return out;
}

// Every file below a folder. Ledger and keys change, so sizes do not count.
std::set<std::string> files_below(const fs::path& folder) {
  std::set<std::string> out;
  for (const auto& one : fs::recursive_directory_iterator(folder)) out.insert(one.path().string());
  return out;
}

Expected kind_of(const Result<SqlOutcome>& outcome) {
  if (outcome.has_value()) return kHarmless;
  if (outcome.error().code == ErrorCode::kNotPermitted) return kDenied;
  REQUIRE(outcome.error().code == ErrorCode::kBadInput);
  const std::string& message = outcome.error().message;
  const bool is_limit = message.find("stopped") != message.npos ||
                        message.find("larger than allowed") != message.npos;
  return is_limit ? kStopped : kMistake;
}

}  // namespace

TEST_CASE(
    "hostile: each statement is denied or stopped; no file is made; other data stays closed") {
  SqlWorld sql;
  sql.options.time = std::chrono::milliseconds(120);
  sql.options.memory_bytes = 24 << 20;
  const std::vector<Hostile> statements = all(sql.world.folder.path().string());
  CHECK(statements.size() >= 80);
  // SQLite's own files beside the ledger and the datasets are there from now on.
  must(sql.run("SELECT count(*) FROM roster"));
  must(sql.run("SELECT count(*) FROM villages"));
  const std::set<std::string> before = files_below(sql.world.folder.path());
  for (const Hostile& one : statements) {
    CAPTURE(one.sql.substr(0, 120));
    const auto begin = std::chrono::steady_clock::now();
    const Result<SqlOutcome> outcome = sql.run(one.sql);
    if (outcome.has_error()) CAPTURE(outcome.error().message);
    CHECK(static_cast<int>(kind_of(outcome)) == static_cast<int>(one.expected));
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(3));
    const std::string rows = json::serialize(sql.sink.kept);
    for (const char* secret : {"beyond the grant", "4200", "13812341234", "raw:"}) {
      CHECK(rows.find(secret) == rows.npos);
    }
    if (one.expected != kHarmless && one.expected != kStopped) CHECK(sql.sink.kept.empty());
  }
  CHECK(files_below(sql.world.folder.path()) == before);
  CHECK(sql.rows("SELECT count(*) FROM roster") == "[[3]]");
  KeepingSink sink;
  CHECK(sql.world
            .call("query",
                  {{"dataset", "roster"},
                   {"purpose", "verification"},
                   {"limit", 0},
                   {"columns", json::array()},
                   {"where", json::array()}},
                  sink)
            .has_value());
  CHECK(sink.kept.size() == 3);
}

TEST_CASE("hostile: what is denied is in the ledger") {
  SqlWorld sql;
  const std::size_t before = sql.ledger().size();
  static_cast<void>(sql.failure("SELECT * FROM sqlite_schema"));
  static_cast<void>(sql.failure("SELECT * FROM roster, rows_1"));
  const std::vector<LedgerEntry> entries = sql.ledger();
  REQUIRE(entries.size() == before + 2);
  CHECK(entries[0].use.outcome == "not_permitted");
  CHECK(entries[0].use.dataset == "roster");
  CHECK(entries[0].use.count == 0);
}
