// The row numbers of a stream's first version, in an order that compresses well because related
// rows are neighbours. Rows of later versions take free numbers.
#pragma once

#include <functional>

#include "platform/change/difference.hpp"
#include "sync/pack/table/dataset.hpp"

namespace rootlet::platform {

// For the partitions of one dataset. The order found for one partition is the first that the next
// ones try. One thread.
class FirstNumbers {
 public:
  // `definition` must outlive this object.
  explicit FirstNumbers(const DatasetDefinition& definition);

  // Renumbers the inserts of `change`, which must have no other changes. Only columns of grade 1
  // decide the order: every office that holds a row sees its number, which must not leak a value of
  // a higher grade. kStorageDamaged if an image cannot be read.
  Status give(Difference& change);

 private:
  using Columns = std::vector<std::size_t>;
  using RowFilter = std::function<bool(std::span<const CellView>)>;

  Result<std::vector<std::uint32_t>> best_order(const Difference& change);
  Result<Columns> sort_columns(const Difference& change);
  Result<RowFilter> sample_of(const Difference& change) const;
  Result<std::vector<CellColumn>> cells_of(const Difference& change, const Columns& columns,
                                           const RowFilter& takes) const;

  const DatasetDefinition& definition_;
  Columns open_;                // columns of grade 1
  Columns known_;               // sort columns, as places in `open_`, of an earlier partition
  std::size_t known_rows_ = 0;  // of that partition; 0: none
};

}  // namespace rootlet::platform
