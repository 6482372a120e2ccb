// From a request to SQL: which columns are shown, under which conditions, and how rows become JSON.
#pragma once

#include "agent/query/filter.hpp"
#include "agent/query/permission.hpp"
#include "agent/reading/reading.hpp"

namespace rootlet::agent {

// The columns named in the request, by name or title, in that order; without names, all visible
// ones in the definition's order. kBadInput for a name that is not there, kNotPermitted for a
// column above the grade.
Result<std::vector<ShownColumn>> choose_columns(const DatasetDefinition& definition,
                                                const VisibleRows& rows,
                                                const std::vector<std::string>& names);

// Shows the values that the request may see in full. kBadInput if the column to reveal is not
// there or not masked, kNotPermitted if it is above the grade.
Status unmask(std::vector<ShownColumn>& columns, const ReadRequest& request);

// The columns that may be filtered.
std::vector<FilterColumn> filter_columns(const DatasetDefinition& definition,
                                         const VisibleRows& rows);

// The filters of `request`; all must hold.
Result<std::vector<Condition>> conditions_of(const DatasetDefinition& definition,
                                             const VisibleRows& rows, const ReadRequest& request);

// The values of the key columns in `key`, which is one CSV row, so that a quoted value may contain
// a comma. `columns` are those of filter_columns(). kBadInput if they do not fit.
Result<Condition> key_condition(const DatasetDefinition& definition, const std::string& key,
                                std::span<const FilterColumn> columns);

// " WHERE (…) AND (…)", or nothing.
std::string where_sql(std::span<const Condition> conditions);
void bind_values(Statement& statement, std::span<const Condition> conditions);

// "columns" of the head.
json::array columns_json(const DatasetDefinition& definition,
                         const std::vector<ShownColumn>& columns);

// The row that `statement` stands on, from result column `first` on. Adds its size to `bytes`.
json::array row_json(const Statement& statement, int first, const std::vector<ShownColumn>& columns,
                     std::size_t& bytes);

}  // namespace rootlet::agent
