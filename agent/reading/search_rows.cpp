// Finds first, then reads the few rows that are shown.
#include "agent/reading/search_rows.hpp"

#include <algorithm>

#include "agent/reading/row_query.hpp"
#include "core/local_limits.hpp"

namespace rootlet::agent {
namespace {

// For each column of the answer its place in the definition.
std::vector<std::size_t> places_of(const std::vector<ShownColumn>& columns,
                                   const std::vector<ShownColumn>& all) {
  std::vector<std::size_t> places;
  for (const ShownColumn& column : columns) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const ShownColumn& one) {
      return one.spec.name == column.spec.name;
    });
    places.push_back(static_cast<std::size_t>(found - all.begin()));
  }
  return places;
}

// Only of columns that the answer has.
json::array matches_json(const std::vector<SearchSpan>& spans, const std::vector<ShownColumn>& all,
                         const std::vector<std::size_t>& places) {
  json::array out;
  for (const SearchSpan& span : spans) {
    if (std::find(places.begin(), places.end(), span.column) == places.end()) continue;
    out.push_back(json::object{{"column", all[span.column].spec.name},
                               {"begin", span.begin},
                               {"end", span.end},
                               {"pinyin", span.is_pinyin}});
  }
  return out;
}

}  // namespace

Result<SearchQuery> search_query_of(const ReadRequest& request) {
  return parse_search(request.text.value_or(""),
                      request.alike_sounds ? Sounds::kAlike : Sounds::kExact);
}

std::size_t search_limit(const ReadRequest& request) {
  return request.limit == 0 ? limits::kScreenRows : std::min(request.limit, limits::kScreenRows);
}

Result<ReadOutcome> search_rows(const SearchedRows& rows, const SearchQuery& query,
                                const ReadRequest& request, const StopCheck& should_stop,
                                const RowTaker& take) {
  ROOTLET_TRY(RowSearch search, RowSearch::open(rows.reader, rows.definition, rows.right));
  const std::size_t limit = search_limit(request);
  ROOTLET_TRY(const SearchHits hits, search.find(query, limit, should_stop));
  const std::vector<std::size_t> places = places_of(rows.columns, search.columns());
  ReadOutcome outcome{.more = hits.more, .complete = hits.is_complete, .limit = limit};
  for (const SearchHit& hit : hits.rows) {
    ROOTLET_TRY(const Statement* row, search.read(hit));
    json::array cells;
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < places.size(); ++i) {
      json::array cell = row_json(*row, static_cast<int>(places[i]), {rows.columns[i]}, bytes);
      cells.push_back(std::move(cell.front()));
    }
    if (request.with_matches) {
      cells.push_back(matches_json(search.spans(query), search.columns(), places));
    }
    ++outcome.count;
    if (!take(std::move(cells), bytes)) break;
  }
  return outcome;
}

json::object matches_column() {
  return {{"name", "~matches"},
          {"type", "matches"},
          {"masked", false},
          {"title", json::object{{"en", "Matches"}, {"zh", "匹配"}}}};
}

}  // namespace rootlet::agent
