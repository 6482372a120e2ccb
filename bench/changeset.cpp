// Encodes a change with SQLite alone, for comparison: the changeset and the patchset of its session
// extension, and the database file before and after the change. Only this program compiles SQLite
// with that extension.
// Usage: changeset OLD.csv NEW.csv OUT [COLUMN DIGITS]. Writes OUT.changeset and OUT.patchset; with
// COLUMN one pair for each prefix of DIGITS characters of that column, OUT.<prefix>.changeset …;
// without it also OUT.before.db and OUT.after.db. The first column is the key.
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <vector>

#include "bench/tool.hpp"
#include "core/format/csv.hpp"

namespace rootlet::bench {
namespace {

using Row = std::vector<std::string>;
using Table = std::map<std::string, Row>;

struct Csv {
  Row names;
  Table rows;
};

Csv load(const char* path) {
  Csv csv;
  CsvReader reader = must(CsvReader::open(path));
  while (must(reader.next())) {
    Row row;
    for (std::size_t i = 0; i < reader.size(); ++i) row.emplace_back(reader.field(i));
    if (csv.names.empty()) {
      csv.names = std::move(row);
    } else {
      std::string key = row.front();
      csv.rows.emplace(std::move(key), std::move(row));
    }
  }
  return csv;
}

class Sqlite {
 public:
  explicit Sqlite(const std::string& path) { check(sqlite3_open(path.c_str(), &handle_)); }
  ~Sqlite() { sqlite3_close(handle_); }
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;

  void run(const std::string& sql) {
    check(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr));
  }
  // An empty text is null.
  void run(const std::string& sql, const Row& parameters) {
    sqlite3_stmt*& statement = statements_[sql];
    if (statement == nullptr) {
      check(sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr));
    }
    for (int i = 0; i < static_cast<int>(parameters.size()); ++i) {
      const std::string& text = parameters[static_cast<std::size_t>(i)];
      if (text.empty()) {
        sqlite3_bind_null(statement, i + 1);
      } else {
        sqlite3_bind_text(statement, i + 1, text.data(), static_cast<int>(text.size()),
                          SQLITE_STATIC);
      }
    }
    if (sqlite3_step(statement) != SQLITE_DONE) die(sqlite3_errmsg(handle_));
    sqlite3_reset(statement);
  }
  void forget_statements() {
    for (auto& [sql, statement] : statements_) sqlite3_finalize(statement);
    statements_.clear();
  }
  sqlite3* handle() { return handle_; }
  void check(int code) {
    if (code != SQLITE_OK) die(sqlite3_errmsg(handle_));
  }

 private:
  sqlite3* handle_ = nullptr;
  std::map<std::string, sqlite3_stmt*> statements_;
};

std::string quoted(const std::string& name) {
  return '"' + name + '"';
}

void create(Sqlite& database, const Row& names) {
  std::string columns = quoted(names.front()) + " TEXT PRIMARY KEY";
  for (std::size_t i = 1; i < names.size(); ++i) columns += "," + quoted(names[i]) + " TEXT";
  database.run("CREATE TABLE t(" + columns + ") WITHOUT ROWID");
}

void insert(Sqlite& database, const Row& row) {
  std::string marks = "?";
  for (std::size_t i = 1; i < row.size(); ++i) marks += ",?";
  database.run("INSERT INTO t VALUES(" + marks + ")", row);
}

void update(Sqlite& database, const Row& names, const Row& before, const Row& after) {
  std::string sets;
  Row values;
  for (std::size_t i = 1; i < names.size(); ++i) {
    if (before[i] == after[i]) continue;
    sets += (sets.empty() ? "" : ",") + quoted(names[i]) + "=?";
    values.push_back(after[i]);
  }
  values.push_back(after.front());
  database.run("UPDATE t SET " + sets + " WHERE " + quoted(names[0]) + "=?", values);
}

void change(Sqlite& database, const Row& names, const Table& before, const Table& after) {
  for (const auto& [key, row] : before) {
    if (!after.contains(key)) database.run("DELETE FROM t WHERE " + quoted(names[0]) + "=?", {key});
  }
  for (const auto& [key, row] : after) {
    const auto old = before.find(key);
    if (old == before.end()) {
      insert(database, row);
    } else if (old->second != row) {
      update(database, names, old->second, row);
    }
  }
}

void fill(Sqlite& database, const Row& names, const Table& rows) {
  create(database, names);
  database.run("BEGIN");
  for (const auto& [key, row] : rows) insert(database, row);
  database.run("COMMIT");
}

void write(const std::string& path, const void* bytes, int size) {
  std::ofstream(path, std::ios::binary).write(static_cast<const char*>(bytes), size);
}

void record(const Row& names, const Table& before, const Table& after, const std::string& out) {
  Sqlite database(":memory:");
  fill(database, names, before);
  sqlite3_session* session = nullptr;
  database.check(sqlite3session_create(database.handle(), "main", &session));
  database.check(sqlite3session_attach(session, "t"));
  database.run("BEGIN");
  change(database, names, before, after);
  database.run("COMMIT");
  void* bytes = nullptr;
  int size = 0;
  database.check(sqlite3session_changeset(session, &size, &bytes));
  write(out + ".changeset", bytes, size);
  sqlite3_free(bytes);
  database.check(sqlite3session_patchset(session, &size, &bytes));
  write(out + ".patchset", bytes, size);
  sqlite3_free(bytes);
  sqlite3session_delete(session);
  database.forget_statements();
}

void write_files(const Csv& before, const Csv& after, const std::string& out) {
  namespace fs = std::filesystem;
  const std::string first = out + ".before.db", second = out + ".after.db";
  fs::remove(first);
  {
    Sqlite database(first);
    fill(database, before.names, before.rows);
    database.forget_statements();
  }
  fs::copy_file(first, second, fs::copy_options::overwrite_existing);
  Sqlite database(second);
  database.run("BEGIN");
  change(database, before.names, before.rows, after.rows);
  database.run("COMMIT");
  database.forget_statements();
}

std::map<std::string, Table> cut(const Csv& csv, const std::string& column, std::size_t digits) {
  std::size_t at = 0;
  while (at < csv.names.size() && csv.names[at] != column) ++at;
  if (at == csv.names.size()) die("no column " + column);
  std::map<std::string, Table> parts;
  for (const auto& [key, row] : csv.rows) parts[row[at].substr(0, digits)].emplace(key, row);
  return parts;
}

}  // namespace
}  // namespace rootlet::bench

int main(int argc, char** argv) {
  using namespace rootlet::bench;
  if (argc != 4 && argc != 6) die("usage: changeset OLD.csv NEW.csv OUT [COLUMN DIGITS]");
  const Csv before = load(argv[1]), after = load(argv[2]);
  const std::string out = argv[3];
  if (argc == 4) {
    record(before.names, before.rows, after.rows, out);
    write_files(before, after, out);
    return 0;
  }
  auto old_parts = cut(before, argv[4], std::stoul(argv[5]));
  auto new_parts = cut(after, argv[4], std::stoul(argv[5]));
  std::set<std::string> prefixes;
  for (const auto& [prefix, rows] : old_parts) prefixes.insert(prefix);
  for (const auto& [prefix, rows] : new_parts) prefixes.insert(prefix);
  for (const std::string& prefix : prefixes) {
    if (old_parts[prefix] == new_parts[prefix]) continue;
    record(before.names, old_parts[prefix], new_parts[prefix], out + "." + prefix);
  }
  return 0;
}
