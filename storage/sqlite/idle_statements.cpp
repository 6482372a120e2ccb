// Client data of the connection holds them (sqlite.org/c3ref/get_clientdata.html).
#include "storage/sqlite/idle_statements.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <iterator>

namespace rootlet {
namespace {

constexpr const char* kName = "rootlet idle statements";
constexpr std::size_t kMost = 48;  // a publish uses some 30, of a few kB each

}  // namespace

IdleStatements::~IdleStatements() {
  for (sqlite3_stmt* statement : idle_) sqlite3_finalize(statement);
}

void IdleStatements::begin(sqlite3* handle) {
  sqlite3_set_clientdata(handle, kName, new IdleStatements,
                         [](void* idle) { delete static_cast<IdleStatements*>(idle); });
}

void IdleStatements::end(sqlite3* handle) {
  if (handle != nullptr) sqlite3_set_clientdata(handle, kName, nullptr, nullptr);
}

IdleStatements* IdleStatements::of(sqlite3* handle) {
  return static_cast<IdleStatements*>(sqlite3_get_clientdata(handle, kName));
}

void IdleStatements::give_back(sqlite3_stmt* statement) {
  if (statement == nullptr) return;
  IdleStatements* idle = of(sqlite3_db_handle(statement));
  if (idle != nullptr) {
    idle->keep(statement);
  } else {
    sqlite3_finalize(statement);
  }
}

sqlite3_stmt* IdleStatements::take(std::string_view sql) {
  const auto found = std::find_if(idle_.rbegin(), idle_.rend(), [&](sqlite3_stmt* statement) {
    return sql == sqlite3_sql(statement);
  });
  if (found == idle_.rend()) return nullptr;
  sqlite3_stmt* statement = *found;
  idle_.erase(std::next(found).base());
  return statement;
}

void IdleStatements::keep(sqlite3_stmt* statement) {
  if (idle_.size() == kMost) {
    sqlite3_finalize(idle_.front());
    idle_.erase(idle_.begin());
  }
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  idle_.push_back(statement);
}

}  // namespace rootlet
