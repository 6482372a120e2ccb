// The look-ups in the index that find a query's rows, the best ones first. Each pass is an
// expression for SQLite's FTS5 whose terms are those of search_terms.hpp. A pass finds all rows
// that match in its way, and some that do not: match_word() decides. Pure.
#pragma once

#include <string>
#include <vector>

#include "core/search/search_query.hpp"

namespace rootlet {

struct SearchPass {
  std::string expression;
  MatchTier tier = MatchTier::kInside;
  bool is_reading = false;  // of the readings of a single word
};

// In the order of their tiers; within one, characters before readings, and key columns first. The
// passes of the last tier find everything.
std::vector<SearchPass> search_passes(const SearchQuery& query);

// One expression for everything that matches.
std::string search_everything(const SearchQuery& query);

}  // namespace rootlet
