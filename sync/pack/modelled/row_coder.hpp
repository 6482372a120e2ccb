// Rows of the modelled coder: which rows a section contains, which columns of a row change, which
// reference a new row has; the cells go through CellCoder. The writer passes rows in, the reader
// gets them; both make the same calls in the same order. One thread.
#pragma once

#include "sync/pack/model/cell_coder.hpp"
#include "sync/pack/modelled/modelled_body.hpp"

namespace rootlet {

// The row of the base that a new row resembles most.
struct ReferenceRow {
  enum class Kind : std::uint8_t { kNone, kNextDeleted, kDeleted, kKept };
  Kind kind = Kind::kNone;
  std::uint64_t value = 0;  // kDeleted: index into the deleted rows; kKept: rid
};

// Row numbers, ascending and distinct. Only the first section codes deletes and inserts.
struct RowPlan {
  std::vector<Rid> deletes, updates, inserts;
  bool operator==(const RowPlan&) const = default;
};

// Codes `plan`; when reading, fills it. kUntrusted for more than `max_rows` rows.
Status code_row_plan(ModelCoder& coder, bool first_section, std::uint64_t max_rows, RowPlan& plan);

class RowCoder {
 public:
  RowCoder(std::span<const ColumnSpec> columns, std::span<const ColumnStatistics> statistics,
           std::size_t expected_rows, ModelCoder& coder, ModelCosts& costs);
  CellCoder& cells() { return cells_; }

  void prime(ModelRow& row);
  // Copies what `other`, which has the same columns, has learned. The caller copies the predictor.
  void copy_primed(const RowCoder& other);
  void update(ModelRow& row, const ModelRow& old);
  // `reference_row` is the row that `reference` names; null for kNone.
  void insert(ModelRow& row, const ReferenceRow& reference, const ModelRow* reference_row);
  // kUntrusted if a decoded row is invalid.
  Status state() const { return cells_.state(); }

 private:
  void set_previous(const ModelRow& row);
  const ModelRow* previous() const { return has_previous_ ? &previous_ : nullptr; }

  std::span<const ColumnStatistics> statistics_;
  ModelCoder& coder_;
  ModelCosts& costs_;
  CellCoder cells_;
  ModelRow previous_;
  bool has_previous_ = false;
  std::vector<std::uint32_t> column_history_;
  std::uint32_t last_columns_ = 0;  // hash of the columns that changed in the previous row
  std::vector<bool> changes_;
};

// Codes references, one after another.
class ReferenceCoder {
 public:
  // `deletes`: how many rows the section deletes.
  ReferenceCoder(ModelCoder& coder, std::size_t deletes) : coder_(coder), deletes_(deletes) {}
  // Returns what was coded; when reading, ignores its argument. kUntrusted if there is no such row.
  Result<ReferenceRow> code(ReferenceRow reference);
  std::size_t next_deleted() const { return next_deleted_; }

 private:
  ModelCoder& coder_;
  std::size_t deletes_;
  std::size_t next_deleted_ = 0;
  std::uint64_t last_kept_ = 0;
  std::uint32_t history_ = 0;
};

}  // namespace rootlet
