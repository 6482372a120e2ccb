// An exchange table (前置库): a provider appends rows to it, a taker marks those that it has. In
// the style of the front-end exchange databases of provincial platforms, with columns of our own
// names; a view gives a table of other names these. Only the SQL, in the words that all databases
// share. Pure.
//
//   exchange_id     whole number, ascending: the order of the changes
//   exchange_op     I, U or D
//   exchange_state  0 until the row is taken, then 1
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/source/mapping/mapping.hpp"

namespace rootlet::platform {

// Of the rows that are not taken yet, in their order. `table` is a name as SQL has it.
std::string exchange_rows_query(const std::string& table);
std::string exchange_ids_query(const std::string& table);

// nullopt if `text` is no exchange_id.
std::optional<std::int64_t> parse_exchange_id(std::string_view text);

// Marks exactly these rows as taken; for one transaction.
std::vector<std::string> exchange_marks(const std::string& table,
                                        const std::vector<std::int64_t>& ids);

// How its rows are read as a list of changes. Columns that the dataset lacks are ignored.
SourceMapping exchange_mapping(SourceMapping mapping = {});

}  // namespace rootlet::platform
