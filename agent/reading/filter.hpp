// The conditions of a query, in PostgREST's syntax: column=op.value. Pure: turns text into a
// condition over known columns. Values become bound parameters, never part of the SQL.
//
// clang-format off
//   eq neq gt gte lt lte        compares as the column's type
//   like ilike                  '*' matches any text; ilike ignores the case of A-Z
//   in.(a,b,"c,d")              is one of these values
//   is.null is.true is.false
//   not.                        negates; before any operator
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
};

struct Condition {
  std::string sql;  // with '?' for each of `values`
  std::vector<OwnedCell> values;
};

// kBadInput, field "where", with the unknown column or operator and the known ones.
Result<Condition> parse_filter(std::string_view text, std::span<const FilterColumn> columns);

// Matches rows where one of `columns` contains `text`, as people read it: without regard to case,
// width, kinds of middle dots and invisible characters (core/unicode/fold.hpp).
Condition text_condition(std::string_view text, std::span<const FilterColumn> columns);

}  // namespace rootlet::agent
