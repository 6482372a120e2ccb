// Which rows a request asks for, in which order and from where on, and the SELECT that reads them:
// pages with a cursor (paging.hpp), and counts that the reader learns before the rows.
#pragma once

#include <optional>

#include "agent/query/paging.hpp"
#include "agent/reading/row_query.hpp"

namespace rootlet::agent {

struct RowPlan {
  std::vector<ShownColumn> columns;
  std::vector<Condition> conditions;
  std::vector<OrderTerm> order;
  bool is_ordered = false;  // else in the order of the file, which costs nothing
};

// All rows of the request; without its cursor.
Result<RowPlan> plan_rows(const DatasetDefinition& definition, const VisibleRows& rows,
                          const ReadRequest& request);

// Names the copy of the rows that row numbers belong to: a snapshot brings another one.
std::string copy_of(const std::vector<HeldStream>& streams);

// The rows after the request's cursor; all of `plan` without one.
Result<RowPlan> page_of(const RowPlan& plan, const ReadRequest& request, std::string_view copy);

// After the columns come those of the order, and the row number. One row more than `limit` shows
// whether there are more.
Result<Statement> prepare_rows(Database& database, const VisibleRows& rows, const RowPlan& plan,
                               std::size_t limit);

// Where `statement` is.
Cursor cursor_at(const Statement& statement, const RowPlan& plan);

// "total" and "limited" of the head, as far as they are wanted.
struct WantedCounts {
  bool total = false;
  std::optional<std::uint64_t> known_total = {};  // then nothing is counted
  bool limited = false;
  std::size_t limit = 0;  // of the page; 0: none
};
Status add_counts(Database& database, const VisibleRows& rows, const RowPlan& all,
                  const RowPlan& page, const WantedCounts& wanted, json::object& head);

}  // namespace rootlet::agent
