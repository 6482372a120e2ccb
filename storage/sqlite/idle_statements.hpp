// Statements that nobody uses now, kept with their connection: preparing one takes longer than most
// of its runs. They hold no values and no lock.
#pragma once

#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace rootlet {

class IdleStatements {
 public:
  IdleStatements() = default;
  IdleStatements(const IdleStatements&) = delete;
  IdleStatements& operator=(const IdleStatements&) = delete;
  ~IdleStatements();

  static void begin(sqlite3* handle);
  static void end(sqlite3* handle);  // before the connection is closed; null does nothing
  // Null before begin() and after end().
  static IdleStatements* of(sqlite3* handle);
  // Keeps a statement with its connection, or ends it. Null does nothing.
  static void give_back(sqlite3_stmt* statement);

  sqlite3_stmt* take(std::string_view sql);  // null if there is none

 private:
  void keep(sqlite3_stmt* statement);

  std::vector<sqlite3_stmt*> idle_;  // the one used last at the end
};

}  // namespace rootlet
