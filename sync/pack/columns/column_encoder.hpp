// Writes a column as the tree of codes that it finds smallest. Pure but for its own memory: what it
// found for a column in one block it tries first in the next. One encoder per thread and section.
// What a column may not hold (a wrong kind of cell, a cell above the limit, text that is not UTF-8)
// is kBadInput.
#pragma once

#include <map>
#include <memory>

#include "core/bytes.hpp"
#include "sync/pack/columns/column_decoder.hpp"
#include "sync/pack/columns/column_plan.hpp"
#include "sync/pack/table/table.hpp"

namespace rootlet {

// What the cells of a column are: for each use it has plans of its own.
enum class ColumnUse { kNew, kChanged, kAllWithReference, kDiffersFromReference };

class ColumnEncoder {
 public:
  // place.count cells. The decoder must be given the same place, and place.cells the same own
  // column.
  Result<Bytes> encode(const ColumnSpec& column, ColumnUse use, std::span<const CellView> cells,
                       const CellSelection& selection);
  // What ColumnDecoder::marked_rows() takes: a number for each row, 1 if it is marked.
  Bytes marks(const ColumnSpec& column, ColumnUse use, const std::vector<std::int64_t>& marks,
              const CellSelection& selection);

 private:
  struct Plans {
    ColumnPlan nulls = {.code = Code::kModelled}, marks = {.code = Code::kModelled}, values = {};
    bool has_mark_plan = false;
    double bytes_per_cell = 0;  // when it was found; 0: not yet
  };
  struct Input;

  Bytes values(const Input& input, Plans& plans, bool is_new);
  std::optional<Bytes> write(const Input& input, ColumnPlan& plan, bool tune);

  std::map<std::pair<std::string, ColumnUse>, Plans> plans_;
};

// The order in which the columns of inserted rows are best coded: those that change least from row
// to row first, for they tell about the others, and what is part of another column after it.
// `columns` hold the same rows.
std::vector<std::size_t> coding_order(std::span<const CellColumn> columns, std::size_t begin,
                                      std::size_t end);

}  // namespace rootlet
