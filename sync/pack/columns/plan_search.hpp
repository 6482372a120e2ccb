// Finds a tree of codes for a column by trying on a sample those that fit its values. A trial stops
// as soon as it costs more than the best tree so far. context_search.hpp chooses the models'
// contexts later. Deterministic. One thread.
#pragma once

#include "sync/pack/columns/context_search.hpp"

namespace rootlet {

class PlanSearch {
 public:
  struct Found {
    ColumnPlan plan;
    double cost = 0;  // estimated bytes
  };

  // `cells` may be null. `is_sample`: the plan will code more values than it was found for.
  PlanSearch(BlockCells* cells, ContextSearch& contexts, bool is_sample)
      : cells_(cells), contexts_(contexts), is_sample_(is_sample) {}

  // At least one value. `old_values` is empty or as long as `values`. `depth`: how many levels of
  // codes to try below this node. `limit`: of the cost; a plan that costs more is of no use, and
  // may not be the best one.
  Found numbers(const Items& items, const Numbers& values, const Numbers& old_values, int depth,
                double limit = kNoLimit);
  Found texts(const Items& items, const TextViews& values, const TextViews& old_values, int depth,
              double limit = kNoLimit);

 private:
  class Best;

  Found leaf(const Items& items, const Numbers& values, double limit = kNoLimit);
  Found leaf_in_context(const Items& items, const Numbers& values,
                        const ValueDictionary* priming = nullptr);
  Found list(const Numbers& values, const Numbers& indexes, double limit = kNoLimit);
  double list_weight(std::size_t count, const Numbers& indexes) const;
  void try_splits(Best& best, const Items& items, const Numbers& values, int depth);
  void try_cells(Best& best, const Items& items, const Numbers& values);
  bool try_forms(Best& best, const Items& items, const TextViews& values, int depth);
  bool try_exceptions(Best& best, const Items& items, const TextViews& values, int depth);
  void try_others(Best& best, const Items& items, const TextViews& values,
                  const TextViews& old_values, int depth);
  void try_pieces(Best& best, const Items& items, const TextViews& values, int depth);
  void try_around_cells(Best& best, const Items& items, const TextViews& values, int depth);
  void try_dictionary(Best& best, const Items& items, const TextViews& values, int depth);
  std::optional<ColumnPlan> part_of_cell(const Items& items, const TextViews& values) const;
  Found characters(const Items& items, const TextViews& values, double limit = kNoLimit);
  void try_character_dictionary(Best& best, const Items& items, const TextViews& values);
  Found plain_text(const Items& items, const TextViews& values);

  BlockCells* cells_;
  ContextSearch& contexts_;
  bool is_sample_;
};

}  // namespace rootlet
