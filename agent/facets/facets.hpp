// Facets: how often each value of a column occurs among the rows of a query, for columns with few
// different values. A read for a purpose like any other, with an entry in the ledger; it shows
// values and counts, never rows.
//
// Keys and columns that the caller sees masked have none. The work is bounded: the first
// limits::kFacetRows matches, for limits::kFacetTime at most.
#pragma once

#include "agent/channel/answer.hpp"
#include "agent/reading/reading_session.hpp"
#include "sync/downlink/store/dataset_store.hpp"

namespace rootlet::agent {

struct FacetRequest {
  std::string dataset;
  std::string purpose;
  std::vector<std::string> filters = {};  // agent/query/filter.hpp; all must hold
  // By name or title. Empty: all that have facets and in which a value occurs twice.
  std::vector<std::string> columns = {};
};

// {"matches", "exact", "facets": [{"column", "title", "type", "values": [{"value", "count"}],
// "others"}], "provenance"}. Not exact: the counts are of the rows that were looked at, and there
// may be more. `others` counts rows of values that are not listed: all of them for a column with
// more than limits::kFacetValues. Errors as read_dataset(); kBadInput, field "columns", for a
// column that is a key or masked.
Result<json::object> count_facets(ReadingSession& session, const Peer& peer,
                                  const FacetRequest& request, const StopCheck& should_stop);

}  // namespace rootlet::agent
