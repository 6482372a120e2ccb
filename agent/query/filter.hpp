// The conditions of a query, in PostgREST's syntax: column=op.value. Pure: turns text into a
// condition over known columns. Values become bound parameters, never part of the SQL.
//
// clang-format off
//   eq neq gt gte lt lte        compares as the column's type
//   like ilike                  '*' matches any text; ilike ignores the case of A-Z
//   in.(a,b,"c,d")              is one of these values
//   is.null is.true is.false
//   not.                        negates; before any operator
// A column that is shown masked takes eq and is.null only.
// clang-format on
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sync/pack/table/dataset.hpp"

namespace rootlet::agent {

// A column as this office may see it: `sql` yields the real value or the masked one.
struct FilterColumn {
  ColumnSpec spec;
  std::string sql;
  Text title = {};
  // A value that is shown masked can be asked for as a whole; ranges and parts would spell it out.
  bool whole_values_only = false;
};

struct Condition {
  std::string sql;  // with '?' for each of `values`
  std::vector<OwnedCell> values;
};

// The column of this name or, if there is none, of this title in either language; null if there is
// none or if two have the title.
const FilterColumn* find_column(std::span<const FilterColumn> columns, std::string_view name);

// "there is no column 'x'; there are: a, b", with a near one as hint. `field` names the argument.
Error no_such_column(std::string_view name, std::span<const FilterColumn> columns,
                     std::string_view field);

// kBadInput, field "where", with the unknown column or operator and the known ones.
Result<Condition> parse_filter(std::string_view text, std::span<const FilterColumn> columns);

}  // namespace rootlet::agent
