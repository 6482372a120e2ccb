// The rows that a search finds, as JSON, the best ones first.
#pragma once

#include "agent/reading/reading.hpp"
#include "sync/downlink/search/row_search.hpp"

namespace rootlet::agent {

// What is searched: a dataset inside a read transaction, and the columns to answer with.
struct SearchedRows {
  DatasetReader& reader;
  const DatasetDefinition& definition;
  const ReadRight& right;
  const std::vector<ShownColumn>& columns;
};

// Takes a row of the answer and about how long it is. False: nobody wants more.
using RowTaker = std::function<bool(json::array row, std::size_t bytes)>;

// kBadInput, field "text".
Result<SearchQuery> search_query_of(const ReadRequest& request);

// The most rows that the request may find.
std::size_t search_limit(const ReadRequest& request);

Result<ReadOutcome> search_rows(const SearchedRows& rows, const SearchQuery& query,
                                const ReadRequest& request, const StopCheck& should_stop,
                                const RowTaker& take);

// The head's entry of the last column that ReadRequest::with_matches asks for: for each row a list
// of {"column", "begin", "end", "pinyin"}, in code points of the shown text.
json::object matches_column();

}  // namespace rootlet::agent
