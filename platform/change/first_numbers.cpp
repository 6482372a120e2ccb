// Chooses sort columns with row_order() (sync/pack/table/row_order.hpp) and sorts all rows by them.
#include "platform/change/first_numbers.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "platform/source/rows/row_image.hpp"
#include "sync/pack/table/row_order.hpp"

namespace rootlet::platform {
namespace {

// Above this many rows, a sample of about this size chooses the order. The sample consists of whole
// divisions, because related rows are mostly in the same division; of divisions that are larger
// than that, of stretches of rows.
constexpr std::size_t kSampleRows = 65'536;
constexpr std::size_t kStretchRows = 2'048;
// An order found for fewer rows says little, and one is searched for anew only for much more rows.
constexpr std::size_t kLeastKnownRows = 256, kMuchLarger = 4;

// The same on every machine.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xCBF2'9CE4'8422'2325ULL;
  for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100'0000'01B3ULL;
  return hash * 0x9E37'79B9'7F4A'7C15ULL >> 16;
}

}  // namespace

FirstNumbers::FirstNumbers(const DatasetDefinition& definition) : definition_(definition) {
  for (std::size_t c = 0; c < definition.columns.size(); ++c) {
    if (definition.columns[c].grade == 1) open_.push_back(c);
  }
}

// The cells of `columns` in the rows that `takes` accepts.
Result<std::vector<CellColumn>> FirstNumbers::cells_of(const Difference& change,
                                                       const Columns& columns,
                                                       const RowFilter& takes) const {
  std::vector<CellColumn> cells(columns.size());
  std::vector<CellView> row;
  for (const RowChange& insert : change.inserts) {
    ROOTLET_TRY(read_image(insert.new_image, definition_.columns.size(), row));
    if (!takes(row)) continue;
    for (std::size_t c = 0; c < columns.size(); ++c) cells[c].push(row[columns[c]]);
  }
  return cells;
}

// Accepts at least kSampleRows rows, or all if there are fewer.
Result<FirstNumbers::RowFilter> FirstNumbers::sample_of(const Difference& change) const {
  const std::size_t rows = change.inserts.size();
  if (rows <= kSampleRows) return RowFilter([](auto) { return true; });
  const auto one_stretch_of = [](std::size_t parts) {
    return [parts, at = std::size_t{0}]() mutable { return at++ / kStretchRows % parts == 0; };
  };
  const DatasetColumn* division = definition_.column(definition_.division_column);
  if (division == nullptr) {
    return RowFilter([take = one_stretch_of(rows / kSampleRows)](auto) mutable { return take(); });
  }
  const auto column = static_cast<std::size_t>(division - definition_.columns.data());
  std::map<std::pair<std::uint64_t, std::string>, std::size_t> divisions;  // rows of each
  std::vector<CellView> row;
  for (const RowChange& insert : change.inserts) {
    ROOTLET_TRY(read_image(insert.new_image, definition_.columns.size(), row));
    ++divisions[{hash_of(row[column].text), std::string(row[column].text)}];
  }
  std::set<std::string, std::less<>> chosen;
  std::size_t count = 0;
  for (auto next = divisions.begin(); next != divisions.end() && count < kSampleRows; ++next) {
    chosen.insert(next->first.second);
    count += next->second;
  }
  return RowFilter([column, chosen = std::move(chosen), take = one_stretch_of(count / kSampleRows)](
                       std::span<const CellView> cells) mutable {
    return chosen.contains(cells[column].text) && take();
  });
}

// Columns of the dataset; empty if the present order is good.
Result<FirstNumbers::Columns> FirstNumbers::sort_columns(const Difference& change) {
  const std::size_t rows = change.inserts.size();
  const bool is_known =
      known_rows_ > 0 && rows < std::max(kLeastKnownRows, kMuchLarger * known_rows_);
  ROOTLET_TRY(const RowFilter takes, sample_of(change));
  ROOTLET_TRY(const std::vector<CellColumn> sample, cells_of(change, open_, takes));
  const Columns order = row_order(sample, is_known ? std::optional(known_) : std::nullopt);
  if (!is_known && rows >= kLeastKnownRows) {
    known_ = order;
    known_rows_ = rows;
  }
  Columns columns;
  for (const std::size_t chosen : order) columns.push_back(open_[chosen]);
  return columns;
}

// The rows' positions in the new order; empty if the present order is good.
Result<std::vector<std::uint32_t>> FirstNumbers::best_order(const Difference& change) {
  ROOTLET_TRY(const Columns columns, sort_columns(change));
  if (columns.empty()) return std::vector<std::uint32_t>();
  ROOTLET_TRY(const std::vector<CellColumn> cells,
              cells_of(change, columns, [](auto) { return true; }));
  Columns all(columns.size());
  for (std::size_t c = 0; c < all.size(); ++c) all[c] = c;
  return sorted_rows(cells, all);
}

Status FirstNumbers::give(Difference& change) {
  ROOTLET_TRY(const std::vector<std::uint32_t> order, best_order(change));
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
