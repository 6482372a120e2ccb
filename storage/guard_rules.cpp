// Codes of actions: sqlite.org/c3ref/c_alter_table.html.
#include "storage/guard_rules.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>

namespace rootlet {
namespace {

constexpr std::array<std::string_view, 59> kFunctions = {
    "abs",        "avg",       "char",    "coalesce",     "concat",       "concat_ws",
    "count",      "cume_dist", "date",    "datetime",     "dense_rank",   "first_value",
    "folded",     "format",    "glob",    "group_concat", "hex",          "if",
    "ifnull",     "iif",       "instr",   "julianday",    "lag",          "last_value",
    "lead",       "length",    "like",    "lower",        "ltrim",        "max",
    "min",        "nth_value", "ntile",   "nullif",       "octet_length", "percent_rank",
    "printf",     "quote",     "random",  "rank",         "replace",      "round",
    "row_number", "rtrim",     "sign",    "strftime",     "string_agg",   "substr",
    "substring",  "sum",       "time",    "timediff",     "total",        "trim",
    "typeof",     "unhex",     "unicode", "unixepoch",    "upper"};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// What people call an action that is never allowed.
std::string word_for(int code, std::string_view name) {
  switch (code) {
    case SQLITE_ATTACH:
      return "ATTACH";
    case SQLITE_DETACH:
      return "DETACH";
    case SQLITE_PRAGMA:
      return "PRAGMA " + std::string(name);
    case SQLITE_INSERT:
      return "INSERT";
    case SQLITE_UPDATE:
      return "UPDATE";
    case SQLITE_DELETE:
      return "DELETE";
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
      return "BEGIN, COMMIT, ROLLBACK, SAVEPOINT";
    case SQLITE_ANALYZE:
      return "ANALYZE";
    case SQLITE_REINDEX:
      return "REINDEX";
    case SQLITE_ALTER_TABLE:
      return "ALTER";
    case SQLITE_DROP_INDEX:
    case SQLITE_DROP_TABLE:
    case SQLITE_DROP_TEMP_INDEX:
    case SQLITE_DROP_TEMP_TABLE:
    case SQLITE_DROP_TEMP_TRIGGER:
    case SQLITE_DROP_TEMP_VIEW:
    case SQLITE_DROP_TRIGGER:
    case SQLITE_DROP_VIEW:
    case SQLITE_DROP_VTABLE:
      return "DROP";
    default:
      return "CREATE";
  }
}

// Tables that SQLite makes up when a statement names them, in no schema.
bool is_made_up(std::string_view name) {
  return name.starts_with("pragma_") || name.starts_with("json") || name.starts_with("sqlite_");
}

}  // namespace

void GuardRules::add_view(std::string view, std::string inner) {
  views_.insert(view);
  inner_.emplace(std::move(inner), std::move(view));
}

bool GuardRules::allows(const Action& action) {
  switch (action.code) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
      return true;
    case SQLITE_FUNCTION:
      return is_allowed_function(action.second) || deny("function " + std::string(action.second));
    case SQLITE_READ:
      return may_read(action) || deny("table " + std::string(action.first));
    default:
      return deny(word_for(action.code, action.first));
  }
}

// `second` is the column, "" for a table of which no value is read.
bool GuardRules::may_read(const Action& action) {
  const std::string table = lower(action.first);
  const std::string schema(action.schema);
  const bool counts_only = action.second.empty();
  if (schemas_.contains(schema)) {
    // Only a view can name such a schema; SQLite may merge views, and then names no reader.
    return inner_.contains(std::string(action.reader)) || counts_only;
  }
  if (schema != "temp" && !(schema.empty() && counts_only)) return false;
  const auto inner = inner_.find(table);
  if (inner != inner_.end()) {
    used_.insert(inner->second);
    return true;
  }
  if (views_.contains(table)) return true;
  // A common table expression has no schema, and its columns are not asked about.
  return schema.empty() && !stored_.contains(table) && !is_made_up(table);
}

bool GuardRules::deny(std::string what) {
  if (denied_.empty()) denied_ = std::move(what);
  return false;
}

void GuardRules::forget() {
  used_.clear();
  denied_.clear();
}

bool is_allowed_function(std::string_view name) {
  return std::find(kFunctions.begin(), kFunctions.end(), lower(name)) != kFunctions.end();
}

}  // namespace rootlet
