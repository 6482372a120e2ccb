#include "platform/first_numbers.hpp"

#include "platform/row_image.hpp"
#include "sync/pack/row_order.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kSampleRows = 16'384;  // the order of more rows is chosen by so many of them

using Columns = std::vector<std::size_t>;

// The cells of `columns` in every `step`-th row.
Result<std::vector<CellColumn>> cells_of(const Difference& change, std::size_t column_count,
                                         const Columns& columns, std::size_t step) {
  std::vector<CellColumn> cells(columns.size());
  std::vector<CellView> row;
  for (std::size_t i = 0; i < change.inserts.size(); i += step) {
    ROOTLET_TRY(read_image(change.inserts[i].new_image, column_count, row));
    for (std::size_t c = 0; c < columns.size(); ++c) cells[c].push(row[columns[c]]);
  }
  return cells;
}

// Where each row is to stand; empty if they stand well.
Result<std::vector<std::uint32_t>> best_order(const DatasetDefinition& definition,
                                              const Difference& change) {
  const std::size_t count = definition.columns.size();
  Columns open;
  for (std::size_t c = 0; c < count; ++c) {
    if (definition.columns[c].grade == 1) open.push_back(c);
  }
  const std::size_t step = change.inserts.size() / kSampleRows + 1;
  ROOTLET_TRY(const std::vector<CellColumn> sample, cells_of(change, count, open, step));
  Columns sort_columns;
  for (const std::size_t chosen : row_order(sample)) sort_columns.push_back(open[chosen]);
  if (sort_columns.empty()) return std::vector<std::uint32_t>();
  ROOTLET_TRY(const std::vector<CellColumn> cells, cells_of(change, count, sort_columns, 1));
  Columns all(sort_columns.size());
  for (std::size_t c = 0; c < all.size(); ++c) all[c] = c;
  return sorted_rows(cells, all);
}

}  // namespace

Status number_first_rows(const DatasetDefinition& definition, Difference& change) {
  ROOTLET_TRY(const std::vector<std::uint32_t> order, best_order(definition, change));
  if (order.empty()) return ok();
  std::vector<RowChange> inserts;
  inserts.reserve(order.size());
  for (const std::uint32_t position : order) {
    RowChange row = change.inserts[position];
    row.rid = inserts.size();
    change.rows[inserts.size()] = row.new_image;
    inserts.push_back(row);
  }
  change.inserts = std::move(inserts);
  return ok();
}

}  // namespace rootlet
