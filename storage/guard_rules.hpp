// What SQLite may do for a statement that a person wrote: an allow-list, asked while the statement
// is compiled (sqlite.org/c3ref/set_authorizer.html). Pure.
//
// SQLite names, for each read, the table, its schema and the view that reads it. A person could
// give a common table expression the name of a view; so what views may read is decided by names
// that are drawn at random for this one statement: the schemas of the files, and an inner view for
// each view.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace rootlet {

class GuardRules {
 public:
  void add_schema(std::string name) { schemas_.insert(std::move(name)); }
  // `view` is what people see; `inner` reads the file for it.
  void add_view(std::string view, std::string inner);
  // A table, view or module that exists in some schema.
  void add_stored_name(std::string name) { stored_.insert(std::move(name)); }

  // The arguments of SQLite's callback; null becomes "".
  struct Action {
    int code = 0;
    std::string_view first, second, schema, reader;
  };
  bool allows(const Action& action);

  // The views that the statement reads, in whatever way: SQLite asks about the inner view whenever
  // it takes a view apart, but not about a column that a NATURAL or USING join compares.
  const std::set<std::string>& used() const { return used_; }
  // Of the first action that was not allowed: "ATTACH", "function randomblob", "table streams".
  const std::string& denied() const { return denied_; }
  void forget();  // what was used and denied

 private:
  bool may_read(const Action& action);
  bool deny(std::string what);

  std::set<std::string> schemas_, stored_, views_, used_;
  std::map<std::string, std::string> inner_;  // to the view that people see
  std::string denied_;
};

// Functions that compute from their arguments alone, and need memory no larger than those or the
// limit of one value.
bool is_allowed_function(std::string_view name);

}  // namespace rootlet
