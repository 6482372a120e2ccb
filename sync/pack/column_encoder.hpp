// Writes a column as the tree of codes that it finds smallest. Pure but for its own memory: what it
// found for a column in one block it tries first in the next. One encoder per thread and section.
// What a column may not hold (a wrong kind of cell, a cell above the limit, text that is not UTF-8)
// is kBadInput.
#pragma once

#include <map>
#include <memory>

#include "core/bytes.hpp"
#include "sync/pack/column_decoder.hpp"
#include "sync/pack/column_plan.hpp"
#include "sync/pack/table.hpp"

namespace rootlet {

class ColumnEncoder {
 public:
  // place.count cells. The decoder must be given the same place.
  Result<Bytes> encode(const ColumnSpec& column, std::span<const CellView> cells,
                       const ColumnPlace& place);

 private:
  struct Known {
    ColumnPlan nulls = {.code = Code::kModelled}, values = {};
    double bytes_per_cell = 0;  // when it was found
  };
  struct Input;

  Bytes values(const Input& input, Known& known, bool is_new);
  std::optional<Bytes> write(const Input& input, ColumnPlan& plan, bool tune);

  std::map<std::pair<std::string, bool>, Known> known_;  // by name, and whether it has old values
};

// The order in which the columns of inserted rows are best coded: those that change least from row
// to row first, for they tell about the others, and what is part of another column after it.
// `columns` hold the same rows.
std::vector<std::size_t> coding_order(std::span<const CellColumn> columns, std::size_t begin,
                                      std::size_t end);

}  // namespace rootlet
