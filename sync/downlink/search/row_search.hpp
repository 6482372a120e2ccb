// Finds rows of one dataset by what a person typed, the best ones first, among the columns that the
// right shows. Candidates come from the search index, or from all rows where there is none yet;
// what a row shows decides whether it matches, so a hidden value finds nothing. One thread.
//
// Order: what a text is as a whole, then what it begins with, then what it contains; characters
// before readings; key columns first; then the definition's columns and the rows' own order.
// A value that is shown by its mask until somebody reveals it is found by the whole value only.
#pragma once

#include <functional>
#include <unordered_set>

#include "core/search/search_passes.hpp"
#include "sync/downlink/store/dataset_reader.hpp"

namespace rootlet {

// Where a word matched.
struct SearchSpan {
  std::size_t column = 0;            // in the definition
  std::uint32_t begin = 0, end = 0;  // code points of the shown text
  bool is_pinyin = false;
};

struct SearchHit {
  MatchTier tier = MatchTier::kInside;
  bool is_pinyin = false;
  bool is_key = false;
  std::size_t column = 0;
  std::int64_t row_id = 0;
  std::size_t table = 0;
};

struct SearchHits {
  std::vector<SearchHit> rows = {};  // in order
  bool more = false;                 // at least one more row matches
  bool is_complete = true;           // false: the search met its limit before it had looked at all
};

class RowSearch {
 public:
  // Inside a read transaction of `reader`; all three must outlive this.
  static Result<RowSearch> open(DatasetReader& reader, const DatasetDefinition& definition,
                                const ReadRight& right);

  // At most `most` rows; 0: all, without a bound on the work but `should_stop`.
  Result<SearchHits> find(const SearchQuery& query, std::size_t most,
                          const std::function<bool()>& should_stop);

  // Reads a row that was found: its cells are the columns of row() in the definition's order.
  Result<const Statement*> read(const SearchHit& hit);
  // Where the words match in the row that was read last.
  std::vector<SearchSpan> spans(const SearchQuery& query);

  const std::vector<ShownColumn>& columns() const { return columns_; }

 private:
  struct Table {
    VisibleTable visible;
    Statement row;                        // by its id
    std::optional<Statement> candidates;  // by expression and range; null: no index that serves
    std::optional<Statement> all;         // ids of a range
  };
  struct Searched {
    std::size_t column = 0;
    bool is_key = false;
    bool is_hidden = false;  // shown by its mask only: found by the whole value
    SearchText text = {};    // of the row that was read last
  };
  struct Searching {
    const SearchQuery& query;
    std::size_t most;
    const std::function<bool()>& should_stop;
    SearchHits hits = {};
    std::unordered_set<std::int64_t> seen = {};
    std::size_t good = 0;    // hits that are no worse than the current pass
    std::size_t misses = 0;  // of the current pass
    MatchTier tier = MatchTier::kInside;
  };

  RowSearch(Database& database, std::vector<ShownColumn> columns)
      : database_(&database), columns_(std::move(columns)) {}
  Status take_columns(const DatasetDefinition& definition);
  Status add_table(VisibleTable visible);
  bool serves(const SearchState& state, const VisibleTable& table) const;
  Status run_pass(const SearchPass& pass, bool scans, Searching& searching);
  // Reads all that a pass finds in the index, if it is little. False: nothing was read.
  Result<bool> read_if_few(const SearchPass& pass, Searching& searching);
  // False if the pass is over.
  Result<bool> look_at(std::int64_t id, std::size_t table, Searching& searching);
  // Of the row that was read last.
  std::optional<SearchHit> rank(const SearchQuery& query) const;
  void read_texts(const Statement& row);
  static std::optional<SearchMatch> match(const SearchWord& word, const Searched& searched,
                                          Sounds sounds);

  Database* database_;
  std::vector<ShownColumn> columns_;
  std::vector<Searched> searched_;
  std::vector<Table> tables_;
};

}  // namespace rootlet
