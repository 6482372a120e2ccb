// The order of a query's rows, in PostgREST's syntax ("name.desc"), and cursors: where the next
// page goes on. A cursor names the last row of its page by its values in the order's columns and by
// its row number, so that a page costs the same wherever it lies and no row is skipped or doubled
// when others change. Pure.
#pragma once

#include "agent/query/filter.hpp"

namespace rootlet::agent {

struct OrderTerm {
  std::string column;
  bool descending = false;
};

// "column", "column.asc", "column.desc", by name or title. kBadInput, field "order", for unknown or
// repeated columns and for those whose values are shown masked: their order would spell them out.
Result<std::vector<OrderTerm>> parse_order(const std::vector<std::string>& terms,
                                           std::span<const FilterColumn> columns);

// "ORDER BY …, "~row"": the row number makes every order a total one.
std::string order_sql(const std::vector<OrderTerm>& order);

struct Cursor {
  std::vector<OwnedCell> values;  // one per term of the order
  std::int64_t row = 0;
};

// Opaque text. `copy` names the copy of the rows that row numbers belong to.
std::string encode_cursor(const Cursor& cursor, const std::vector<OrderTerm>& order,
                          std::string_view copy);
// kBadInput, field "after", if the cursor is none of this order, or of rows that were replaced by
// another copy since.
Result<Cursor> decode_cursor(std::string_view text, const std::vector<OrderTerm>& order,
                             std::string_view copy);

// The rows after `cursor`. Nulls come first, or last if descending, as SQLite sorts them.
Condition after_condition(const Cursor& cursor, const std::vector<OrderTerm>& order);

}  // namespace rootlet::agent
