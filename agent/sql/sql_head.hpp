// The head of an answer in SQL: its columns, and where the rows come from.
// Pure.
#pragma once

#include "agent/sql/sql_tables.hpp"
#include "core/format/json_values.hpp"

namespace rootlet::agent {

// One line of provenance for all of `sources`: each name, the earliest time and
// lease, any doubt. Only the purpose if there is no source.
json::object merged_provenance(const json::array& sources, const std::string& purpose);

// The columns that the process named, with type, title and mask of those that
// show a stored column.
json::array head_columns(const json::array& columns,
                         const std::vector<const ReadableTable*>& tables);

}  // namespace rootlet::agent
