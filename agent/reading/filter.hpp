// The conditions of a query, in PostgREST's manner: column=op.value. Pure: text becomes a condition
// over known columns, and values only ever travel as bound parameters, never inside the SQL.
//
//   eq neq gt gte lt lte        compared as the column's type
//   like ilike                  '*' stands for any text; like minds the case, ilike does not for
//   A-Z in.(a,b,"c,d")              one of these is.null is.true is.false    and not. before any
//   operator
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sync/pack/table/dataset.hpp"

namespace rootlet::agent {

// A column as this office sees it: `sql` gives the real value, or the masked one.
struct FilterColumn {
  ColumnSpec spec;
  std::string sql;
};

struct Condition {
  std::string sql;  // with '?' for each of `values`
  std::vector<OwnedCell> values;
};

// kBadInput, field "where", naming the column or operator and what exists.
Result<Condition> parse_filter(std::string_view text, std::span<const FilterColumn> columns);

// Rows in which one of `columns` holds `text`, whatever its case in A-Z.
Condition text_condition(std::string_view text, std::span<const FilterColumn> columns);

}  // namespace rootlet::agent
