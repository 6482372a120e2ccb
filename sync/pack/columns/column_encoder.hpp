// Writes a column as the smallest tree of codes that it finds (docs/FORMATS.md, "Column codes").
// Deterministic. Keeps the plan that it found for a column and tries it first in the next block, so
// use one encoder per section and thread. The plans of another table with the same columns spare it
// most of the search. kBadInput if a cell has the wrong kind, exceeds the limit
// or is not UTF-8 where it must be.
#pragma once

#include <map>
#include <memory>

#include "core/bytes.hpp"
#include "sync/pack/columns/column_decoder.hpp"
#include "sync/pack/columns/column_plan.hpp"
#include "sync/pack/table/table.hpp"

namespace rootlet {

class ContextSearch;
class LeafTuner;

// How the cells of a column are used. Each use has its own plans: new rows alone; cells that an
// update changes; new rows with a reference, all cells; those of them that differ from it.
enum class ColumnUse { kNew, kChanged, kAllWithReference, kDiffersFromReference };

class ColumnEncoder {
 public:
  // Starts from the plans that `other` found.
  void start_from(const ColumnEncoder& other);
  // Encodes `cells`, selection.count of them. The decoder needs the same selection, with the same
  // current column in selection.cells.
  Result<Bytes> encode(const ColumnSpec& column, ColumnUse use, std::span<const CellView> cells,
                       const CellSelection& selection);
  // Encodes what ColumnDecoder::marked_rows() decodes; `marks` has a number for each row, 1 if it
  // is marked.
  Bytes marks(const ColumnSpec& column, ColumnUse use, const std::vector<std::int64_t>& marks,
              const CellSelection& selection);

 private:
  struct Plans {
    ColumnPlan nulls = {.code = Code::kModelled}, marks = {.code = Code::kModelled}, values = {};
    bool has_mark_plan = false;
    double bytes_per_cell = 0;  // when found; 0: not found yet
    // Found for another table, and not yet used for this one.
    bool are_foreign = false, are_foreign_marks = false;
  };
  struct Input;

  Bytes values(const Input& input, Plans& plans, ContextSearch& contexts);
  Bytes searched_values(const Input& input, Plans& plans, ContextSearch& contexts);
  Bytes values_from_foreign_plan(const Input& input, Plans& plans, ContextSearch& contexts);
  std::optional<Bytes> write(const Input& input, ColumnPlan& plan, LeafTuner* tuner);

  std::map<std::pair<std::string, ColumnUse>, Plans> plans_;
};

// The best order for coding the columns of inserted rows begin … end - 1: those that change least
// from row to row first, since they predict the others; a column that is a substring of another
// comes right after it, and one that is often inside another, right before. All columns have the
// same number of cells.
std::vector<std::size_t> coding_order(std::span<const CellColumn> columns, std::size_t begin,
                                      std::size_t end);

}  // namespace rootlet
