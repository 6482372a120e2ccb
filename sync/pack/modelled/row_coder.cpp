// Row numbers, changed columns and references of the modelled coder (docs/FORMATS.md, "Modelled
// body"). Decision numbers and contexts are part of the format.
#include "sync/pack/modelled/row_coder.hpp"

#include <algorithm>
#include <bit>

#include "core/limits.hpp"

namespace rootlet {
namespace {

// Numbers below 64; those of columns start there.
enum Decision : std::uint32_t {
  kCounts = 1,
  kInsertCount = 2,
  kGap = 3,
  kIsDelete = 4,
  kIsFreed = 5,
  kInsertGap = 6,
  kReferenceKind = 7,
  kReferenceDeleted = 8,
  kReferenceKept = 9,
  kColumnChanges = 40,
};

std::uint32_t width_of(std::uint64_t value) {
  return static_cast<std::uint32_t>(std::bit_width(value));
}
std::uint32_t at_most(std::uint64_t value, std::uint32_t limit) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(value, limit));
}

Error bad_rows(std::string_view detail) {
  return fail(ErrorCode::kUntrusted, std::string(detail));
}

// Deletes and updates as one ascending list.
class TouchedRows {
 public:
  TouchedRows(ModelCoder& coder, bool with_deletes, RowPlan& plan)
      : coder_(coder), with_deletes_(with_deletes), plan_(plan) {}

  Status code(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      ROOTLET_TRY(code_next());
    }
    return ok();
  }

 private:
  struct Touched {
    Rid rid = 0;
    bool is_delete = false;
  };

  Touched next_input() {
    if (!coder_.has_input()) return {};
    const bool delete_first =
        with_deletes_ && deletes_ < plan_.deletes.size() &&
        (updates_ == plan_.updates.size() || plan_.deletes[deletes_] < plan_.updates[updates_]);
    return delete_first ? Touched{plan_.deletes[deletes_++], true}
                        : Touched{plan_.updates[updates_++], false};
  }

  Status code_next() {
    const Touched input = next_input();
    const std::uint32_t g1 = width_of(gap_), g2 = width_of(gap_before_);
    const std::uint64_t gap = coder_.number(
        input.rid - next_, kGap,
        {hash_of(g1, kinds_ & 3), hash_of(g1, g2, kinds_ & 15),
         static_cast<std::uint32_t>(mean_ >> 4),
         hash_of(static_cast<std::uint32_t>(gap_), at_most(gap_before_, 4), kinds_ & 3),
         hash_of(static_cast<std::uint32_t>(mean_ >> 5), g1)},
        {.modelled_bits = 3});
    if (gap > limits::kMaxRid - std::min(next_, limits::kMaxRid) || next_ > limits::kMaxRid) {
      return bad_rows("a row number is too large");
    }
    const Rid rid = next_ + gap;
    bool is_delete = false;
    if (with_deletes_) {
      is_delete = coder_.flag(input.is_delete, kIsDelete,
                              {kinds_ & 7, kinds_ & 255, hash_of(at_most(gap, 3), kinds_ & 3),
                               hash_of(at_most(gap, 20), kinds_ & 15)});
    }
    if (!coder_.has_input()) (is_delete ? plan_.deletes : plan_.updates).push_back(rid);
    kinds_ = kinds_ << 1 | (is_delete ? 1U : 0U);
    gap_before_ = gap_;
    gap_ = gap;
    next_ = rid + 1;
    mean_ += (static_cast<std::int64_t>(width_of(gap)) * 64 - mean_) / 8;
    return ok();
  }

  ModelCoder& coder_;
  bool with_deletes_;
  RowPlan& plan_;
  std::size_t deletes_ = 0, updates_ = 0;
  Rid next_ = 0;
  std::uint32_t kinds_ = 0;
  std::uint64_t gap_ = 0, gap_before_ = 0;
  std::int64_t mean_ = 0;  // of the gaps' bit widths, times 64
};

// New rows reuse freed row numbers first, then count up.
Status code_inserts(ModelCoder& coder, std::uint64_t count, RowPlan& plan) {
  std::size_t freed = 0;
  Rid next = 0;
  std::uint32_t history = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const Rid input = coder.has_input() ? plan.inserts[i] : 0;
    while (freed < plan.deletes.size() && plan.deletes[freed] < next) ++freed;
    bool is_freed = false;
    if (freed < plan.deletes.size()) {
      is_freed = coder.flag(input == plan.deletes[freed], kIsFreed, {history});
    }
    history = (history << 1 | (is_freed ? 1U : 0U)) & 7;
    Rid rid = 0;
    if (is_freed) {
      rid = plan.deletes[freed];
    } else {
      const std::uint64_t gap = coder.number(input - next, kInsertGap, {history});
      if (next > limits::kMaxRid || gap > limits::kMaxRid - next) {
        return bad_rows("a row number is too large");
      }
      rid = next + gap;
    }
    if (!coder.has_input()) plan.inserts.push_back(rid);
    next = rid + 1;
  }
  return ok();
}

}  // namespace

Status code_row_plan(ModelCoder& coder, bool first_section, std::uint64_t max_rows, RowPlan& plan) {
  const std::uint64_t input = plan.updates.size() + (first_section ? plan.deletes.size() : 0);
  const std::uint64_t touched = coder.number(input, kCounts, {0});
  std::uint64_t inserts = 0;
  if (first_section) inserts = coder.number(plan.inserts.size(), kInsertCount, {0});
  if (touched > max_rows || inserts > max_rows - touched) return bad_rows("it has too many rows");
  ROOTLET_TRY(TouchedRows(coder, first_section, plan).code(touched));
  if (first_section) {
    ROOTLET_TRY(code_inserts(coder, inserts, plan));
  }
  return coder.coder().state();
}

RowCoder::RowCoder(std::span<const ColumnSpec> columns,
                   std::span<const ColumnStatistics> statistics, std::size_t expected_rows,
                   ModelCoder& coder, ModelCosts& costs)
    : statistics_(statistics),
      coder_(coder),
      costs_(costs),
      cells_(columns, statistics, expected_rows, coder),
      previous_(columns.size()),
      column_history_(columns.size()),
      changes_(columns.size()) {
  costs_.cells.resize(columns.size());
}

void RowCoder::copy_primed(const RowCoder& other) {
  cells_.copy_primed(other.cells_);
  previous_.copy(other.previous_);
  has_previous_ = other.has_previous_;
}

void RowCoder::set_previous(const ModelRow& row) {
  previous_.copy(row);
  has_previous_ = true;
}

void RowCoder::prime(ModelRow& row) {
  cells_.start_row();
  for (std::size_t c = 0; c < row.size(); ++c) {
    cells_.code(c, {.role = RowRole::kNew, .previous = previous()}, row);
  }
  set_previous(row);
}

// Which columns change, then their cells. Derived columns need no flag.
void RowCoder::update(ModelRow& row, const ModelRow& old) {
  coder_.predictor().measure(&costs_.columns);
  std::uint32_t so_far = 0;
  for (std::size_t c = 0; c < row.size(); ++c) {
    const auto column = static_cast<std::uint32_t>(c);
    if (statistics_[c].source.column >= 0) {
      changes_[c] = true;
      continue;
    }
    std::uint32_t& history = column_history_[c];
    const bool is_word = statistics_[c].kind == ColumnStatistics::Kind::kWords;
    const std::uint32_t word = is_word ? old[c].hash : 0;
    changes_[c] = coder_.flag(coder_.has_input() && !(row[c] == old[c]), kColumnChanges,
                              {hash_of(column, so_far), hash_of(column, last_columns_),
                               hash_of(column, so_far, history & 3), hash_of(column, history & 63),
                               hash_of(column, word, so_far), hash_of(column, word)});
    history = history << 1 | (changes_[c] ? 1U : 0U);
    if (changes_[c]) so_far = hash_of(so_far, column + 1);
  }
  last_columns_ = so_far;
  cells_.start_row();
  const RowContext row_context{.role = RowRole::kUpdate, .reference = &old, .previous = previous()};
  for (std::size_t c = 0; c < row.size(); ++c) {
    coder_.predictor().measure(&costs_.cells[c]);
    if (changes_[c]) {
      cells_.code(c, row_context, row);
    } else if (!coder_.has_input()) {
      row.set(c, old[c].value);
    }
  }
  set_previous(row);
}

void RowCoder::insert(ModelRow& row, const ReferenceRow& reference, const ModelRow* reference_row) {
  cells_.start_row();
  const RowContext row_context{
      .role = reference_row != nullptr ? RowRole::kWithReference : RowRole::kNew,
      .reference = reference_row,
      .previous = previous(),
      .reference_kind = reference_row != nullptr ? static_cast<std::uint32_t>(reference.kind) : 0};
  for (std::size_t c = 0; c < row.size(); ++c) {
    coder_.predictor().measure(&costs_.cells[c]);
    cells_.code(c, row_context, row);
  }
  set_previous(row);
}

Result<ReferenceRow> ReferenceCoder::code(ReferenceRow reference) {
  const std::uint32_t last = history_ & 3;
  const auto signed_of = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
  const std::uint64_t kind = coder_.number(static_cast<std::uint64_t>(reference.kind),
                                           kReferenceKind, {last, history_ & 15, history_ & 255});
  if (kind > static_cast<std::uint64_t>(ReferenceRow::Kind::kKept))
    return bad_rows("unknown reference");
  reference.kind = static_cast<ReferenceRow::Kind>(kind);
  history_ = history_ << 2 | static_cast<std::uint32_t>(kind);
  switch (reference.kind) {
    case ReferenceRow::Kind::kNone:
      return reference;
    case ReferenceRow::Kind::kNextDeleted:
      reference.value = next_deleted_;
      break;
    case ReferenceRow::Kind::kDeleted:
      reference.value = next_deleted_ + static_cast<std::uint64_t>(coder_.difference(
                                            signed_of(reference.value - next_deleted_),
                                            kReferenceDeleted, {last}, {.modelled_bits = 4}));
      break;
    case ReferenceRow::Kind::kKept:
      reference.value = last_kept_ + static_cast<std::uint64_t>(coder_.difference(
                                         signed_of(reference.value - last_kept_), kReferenceKept,
                                         {last}, {.modelled_bits = 3}));
      last_kept_ = reference.value;
      if (reference.value > limits::kMaxRid) return bad_rows("a reference is not a row number");
      return reference;
  }
  if (reference.value >= deletes_) return bad_rows("a reference is not a deleted row");
  next_deleted_ = static_cast<std::size_t>(reference.value) + 1;
  return reference;
}

}  // namespace rootlet
