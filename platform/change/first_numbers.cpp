// Chooses sort columns with row_order() (sync/pack/table/row_order.hpp) and sorts all rows by them.
#include "platform/change/first_numbers.hpp"

#include <functional>

#include "platform/source/rows/row_image.hpp"
#include "sync/pack/table/row_order.hpp"

namespace rootlet::platform {
namespace {

// Above this many rows, a sample of about this size chooses the order. The sample consists of whole
// divisions, because related rows are mostly in the same division.
constexpr std::size_t kSampleRows = 65'536;

using Columns = std::vector<std::size_t>;
using RowFilter = std::function<bool(std::span<const CellView>)>;

// The cells of `columns` in the rows that `takes` accepts.
Result<std::vector<CellColumn>> cells_of(const Difference& change, std::size_t column_count,
                                         const Columns& columns, const RowFilter& takes) {
  std::vector<CellColumn> cells(columns.size());
  std::vector<CellView> row;
  for (const RowChange& insert : change.inserts) {
    ROOTLET_TRY(read_image(insert.new_image, column_count, row));
    if (!takes(row)) continue;
    for (std::size_t c = 0; c < columns.size(); ++c) cells[c].push(row[columns[c]]);
  }
  return cells;
}

RowFilter some_divisions(const DatasetDefinition& definition, std::size_t rows) {
  const std::size_t parts = rows / kSampleRows + 1;
  const DatasetColumn* division = definition.column(definition.division_column);
  if (parts == 1 || division == nullptr) {
    return [parts, at = std::size_t{0}](auto) mutable { return at++ % parts == 0; };
  }
  const auto column = static_cast<std::size_t>(division - definition.columns.data());
  return [parts, column](std::span<const CellView> row) {
    return std::hash<std::string_view>()(row[column].text) % parts == 0;
  };
}

// The rows' positions in the new order; empty if the present order is good.
Result<std::vector<std::uint32_t>> best_order(const DatasetDefinition& definition,
                                              const Difference& change) {
  const std::size_t count = definition.columns.size();
  Columns open;
  for (std::size_t c = 0; c < count; ++c) {
    if (definition.columns[c].grade == 1) open.push_back(c);
  }
  Columns sort_columns;
  {
    ROOTLET_TRY(const std::vector<CellColumn> sample,
                cells_of(change, count, open, some_divisions(definition, change.inserts.size())));
    for (const std::size_t chosen : row_order(sample)) sort_columns.push_back(open[chosen]);
  }
  if (sort_columns.empty()) return std::vector<std::uint32_t>();
  ROOTLET_TRY(const std::vector<CellColumn> cells,
              cells_of(change, count, sort_columns, [](auto) { return true; }));
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

}  // namespace rootlet::platform
