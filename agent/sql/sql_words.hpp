// What SQLite says of a statement, in words for the person who wrote it: where, in both languages,
// and what was perhaps meant. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "storage/guarded_query.hpp"

namespace rootlet::agent {

// A word that could be a name, without its quotes: also 'text', which SQLite takes for a name where
// only a name fits.
struct SqlName {
  std::string text;  // A-Z as a-z
  std::size_t offset = 0;
};
std::vector<SqlName> names_in(std::string_view sql);

struct KnownNames {
  std::vector<std::string> tables;
  std::vector<std::string> columns;  // of the tables that the statement names
};

// "line 2, column 7", counted from 1 in characters.
Text position_of(std::string_view sql, std::size_t offset);

// kBadInput, or kNotPermitted for what is forbidden. The field is the position.
Error explain(const SqlFailure& failure, std::string_view sql, const KnownNames& known);

// The name of the table that is not there, "" if this is not the problem.
std::string missing_table(const SqlFailure& failure);

}  // namespace rootlet::agent
