// Cuts a section's changes into blocks (deletes, then updates, then inserts) and encodes each
// (docs/FORMATS.md, "Section body"): those of a snapshot on all processors.
#include <algorithm>
#include <atomic>
#include <future>
#include <numeric>
#include <optional>
#include <thread>

#include "core/limits.hpp"
#include "core/thread/parallel.hpp"
#include "sync/pack/body/body.hpp"
#include "sync/pack/body/earlier_rows.hpp"
#include "sync/pack/coding/sizes.hpp"
#include "sync/pack/columns/column_encoder.hpp"
#include "sync/pack/columns/indexes.hpp"

namespace rootlet {
namespace {

// Blocks that start with the same knowledge of the columns. A fixed number, so that the bytes of a
// pack do not depend on the machine.
constexpr std::size_t kBlocksTogether = 8;

// How much larger the blocks of a snapshot are: a column's models learn anew in each, and there are
// no old cells to hold.
constexpr std::size_t kSnapshotBlocks = 2;

std::size_t row_bytes(const RowBlock& rows, std::size_t row) {
  std::size_t bytes = 0;
  for (const CellColumn& column : rows.columns) {
    bytes += kCellOverheadBytes + column.at(row).text.size();
  }
  return bytes;
}

// Half-open ranges of the three lists that form one block.
struct Cut {
  std::size_t delete_begin, delete_end;
  std::size_t update_begin, update_end;
  std::size_t insert_begin, insert_end;
  bool is_kept = false;  // later blocks refer to its new rows
};

// Cuts changes into blocks: as many rows as fit, at least one.
class Cutter {
 public:
  Cutter(const SectionChanges& changes, const SectionChanges& first, bool with_references)
      : changes_(changes),
        first_(first),
        with_references_(with_references),
        most_bytes_(pack_sizes().block_bytes) {
    const bool is_snapshot =
        first.deletes.empty() && changes.updated_new.rids.empty() && !with_references;
    if (is_snapshot) most_bytes_ *= kSnapshotBlocks;
  }

  std::vector<Cut> all() const {
    std::vector<Cut> cuts;
    Cut cut{0, 0, 0, 0, 0, 0, false};
    while (next(cut)) cuts.push_back(cut);
    return cuts;
  }

 private:
  // Moves `cut` to the next block; false if no row is left.
  bool next(Cut& cut) const {
    std::size_t rows = 0;
    std::size_t bytes = 0;
    const auto extend = [&](std::size_t begin, std::size_t count, auto weight) {
      std::size_t end = begin;
      while (end < count && rows < pack_sizes().block_rows && bytes < most_bytes_) {
        bytes += weight(end++);
        ++rows;
      }
      return end;
    };
    const auto& old_rows = changes_.updated_old;
    const auto& new_rows = changes_.updated_new;
    cut.delete_begin = cut.delete_end;
    cut.delete_end =
        extend(cut.delete_begin, first_.deletes.size(), [](std::size_t) { return sizeof(Rid); });
    cut.update_begin = cut.update_end;
    cut.update_end = extend(cut.update_begin, new_rows.rids.size(), [&](std::size_t row) {
      return row_bytes(old_rows, row) + row_bytes(new_rows, row);
    });
    cut.insert_begin = cut.insert_end;
    const std::size_t copies = with_references_ ? 2 : 1;  // a reference is about as large
    cut.insert_end = extend(cut.insert_begin, first_.inserts.rids.size(), [&](std::size_t row) {
      return copies * row_bytes(changes_.inserts, row);
    });
    return rows > 0;
  }

  const SectionChanges& changes_;
  const SectionChanges& first_;
  const bool with_references_;
  std::size_t most_bytes_;
};

// Encodes blocks. Keeps what it learned of the columns; a copy goes on from there.
class BlockEncoder {
 public:
  // `distances` to earlier rows: one for each new row, or none.
  BlockEncoder(const SectionChanges& changes, const SectionChanges& first,
               const ReferenceRows& references, const RowDistances& distances)
      : changes_(&changes),
        first_(&first),
        references_(&references),
        distances_(&distances),
        first_section_(&changes == &first) {}

  void start_from(const SectionPlans& plans) {
    encoder_.start_from(plans.encoder);
    order_ = plans.order;
  }
  SectionPlans learned() && { return {std::move(encoder_), std::move(order_)}; }

  Result<Bytes> encode(const Cut& cut) {
    ByteWriter block;
    put_rows(block, first_->deletes, cut.delete_begin, cut.delete_end, first_section_);
    put_rows(block, changes_->updated_new.rids, cut.update_begin, cut.update_end, true);
    const std::span<const Rid> freed =
        std::span(first_->deletes).subspan(cut.delete_begin, cut.delete_end - cut.delete_begin);
    put_rows(block, first_->inserts.rids, cut.insert_begin, cut.insert_end, first_section_, freed);
    InsertBytes inserts;
    if (cut.insert_end > cut.insert_begin) {
      is_kept_ = cut.is_kept;
      ROOTLET_TRY(inserts, code_inserts(cut.insert_begin, cut.insert_end));
    }
    block.raw(inserts.head);
    if (cut.update_end > cut.update_begin) {
      ROOTLET_TRY(put_updates(block, cut.update_begin, cut.update_end));
    }
    block.raw(inserts.cells);
    return block.take();
  }

 private:
  void put_rows(ByteWriter& block, std::span<const Rid> rids, std::size_t begin, std::size_t end,
                bool with_rids, std::span<const Rid> freed = {}) {
    if (!with_rids) return block.varint(end - begin);
    Rid next = begin == 0 ? 0 : rids[begin - 1] + 1;
    encode_indexes(block, rids.subspan(begin, end - begin), next, encoder_, freed);
  }

  const ColumnSpec& column_spec(std::size_t column) const {
    return changes_->schema.columns[column];
  }

  Status put_updates(ByteWriter& block, std::size_t begin, std::size_t end) {
    const std::vector<CellColumn> old_columns = slice(changes_->updated_old, begin, end);
    const std::vector<CellColumn> new_columns = slice(changes_->updated_new, begin, end);
    // The reader's view: coded columns have their new cells, the others still the old ones.
    BlockCells cells(end - begin, old_columns.size());
    for (std::size_t c = 0; c < old_columns.size(); ++c) cells.set_old(c, old_columns[c]);
    ByteWriter changes;
    std::size_t count = 0, next_column = 0;
    for (std::size_t c = 0; c < old_columns.size(); ++c) {
      const Rows rows = differing_rows(old_columns[c], new_columns[c]);
      if (rows.empty()) continue;
      ROOTLET_TRY(
          const ExplicitCells explicit_cells,
          encode_explicit(c, ColumnUse::kChanged, rows, old_columns[c], new_columns[c], cells));
      changes.varint((c - next_column) << 2 | static_cast<std::uint64_t>(explicit_cells.choice));
      changes.raw(explicit_cells.bytes);
      next_column = c + 1;
      ++count;
      cells.set(c, new_columns[c]);
    }
    block.varint(count);
    block.raw(changes.view());
    return ok();
  }

  using Rows = std::vector<std::uint32_t>;
  struct ExplicitCells {
    CellChoice choice = CellChoice::kAll;
    Bytes bytes;
  };

  static Rows all_rows(std::size_t count) {
    Rows rows(count);
    std::iota(rows.begin(), rows.end(), 0U);
    return rows;
  }

  static Rows differing_rows(const CellColumn& old_column, const CellColumn& new_column) {
    Rows rows;
    for (std::size_t row = 0; row < old_column.size(); ++row) {
      if (old_column.at(row) != new_column.at(row)) rows.push_back(static_cast<std::uint32_t>(row));
    }
    return rows;
  }

  // Encodes which rows are written, then their cells.
  Result<ExplicitCells> encode_explicit(std::size_t column, ColumnUse use, const Rows& rows,
                                        const CellColumn& old_column, const CellColumn& new_column,
                                        BlockCells& cells) {
    CellChoice choice = CellChoice::kAll;
    ByteWriter out;
    cells.set_current(column);
    if (rows.size() < old_column.size()) {
      const Bytes listed = encode_list(rows);
      const Bytes marked = marks_of(column, use, rows, cells);
      choice = marked.size() < listed.size() ? CellChoice::kMarked : CellChoice::kListed;
      out.raw(choice == CellChoice::kMarked ? marked : listed);
    }
    std::vector<CellView> old_cells, new_cells;
    for (const std::uint32_t row : rows) {
      old_cells.push_back(old_column.at(row));
      new_cells.push_back(new_column.at(row));
    }
    const CellSelection selection{
        .count = new_cells.size(), .old_cells = old_cells, .cells = &cells, .rows = &rows};
    ROOTLET_TRY(const Bytes coded, encoder_.encode(column_spec(column), use, new_cells, selection));
    out.raw(coded);
    return ExplicitCells{choice, out.take()};
  }

  Bytes encode_list(const Rows& rows) {
    ByteWriter out;
    std::uint64_t next_row = 0;
    encode_indexes(out, std::vector<std::uint64_t>(rows.begin(), rows.end()), next_row, encoder_);
    return out.take();
  }

  Bytes marks_of(std::size_t column, ColumnUse use, const Rows& rows, BlockCells& cells) {
    std::vector<std::int64_t> marks(cells.rows());
    for (const std::uint32_t row : rows) marks[row] = 1;
    const Rows all = all_rows(cells.rows());
    const CellSelection selection{.count = marks.size(), .cells = &cells, .rows = &all};
    return encoder_.marks(column_spec(column), use, marks, selection);
  }

  // The references, and the cells.
  struct InsertBytes {
    Bytes head, cells;
    std::size_t size() const { return head.size() + cells.size(); }
  };

  // Encodes the rows with references or without, whichever is smaller.
  Result<InsertBytes> code_inserts(std::size_t begin, std::size_t end) {
    if (order_.empty()) order_ = coding_order(changes_->inserts.columns, begin, end);
    const std::vector<CellColumn> new_columns = slice(changes_->inserts, begin, end);
    ROOTLET_TRY(InsertBytes best, inserts_alone(end - begin, new_columns));
    ROOTLET_TRY(const std::optional<RowBlock> references, references_between(begin, end));
    if (references.has_value()) {
      ROOTLET_TRY(InsertBytes against_references,
                  inserts_against_references(begin, end, references->columns, new_columns));
      if (against_references.size() < best.size()) best = std::move(against_references);
    }
    const std::optional<EarlierCells> earlier = earlier_cells(begin, end, new_columns);
    if (earlier.has_value()) {
      ROOTLET_TRY(InsertBytes against_earlier, inserts_against_earlier(*earlier, new_columns));
      if (against_earlier.size() < best.size()) best = std::move(against_earlier);
    }
    return best;
  }

  Result<InsertBytes> inserts_alone(std::size_t rows, const std::vector<CellColumn>& new_columns) {
    ByteWriter head, out;
    encode_insert_order(head, {.columns = order_, .is_kept = is_kept_});
    BlockCells cells(rows, new_columns.size());
    for (const std::size_t c : order_) {
      ROOTLET_TRY(const Bytes coded, all_cells(column_spec(c), new_columns[c], cells));
      out.raw(coded);
      cells.set(c, new_columns[c]);
    }
    return InsertBytes{head.take(), out.take()};
  }

  Result<Bytes> all_cells(const ColumnSpec& column, const CellColumn& new_column,
                          BlockCells& cells) {
    std::vector<CellView> views;
    views.reserve(new_column.size());
    for (std::size_t row = 0; row < new_column.size(); ++row) views.push_back(new_column.at(row));
    const Rows rows = all_rows(new_column.size());
    return encoder_.encode(column, ColumnUse::kNew, views,
                           {.count = views.size(), .cells = &cells, .rows = &rows});
  }

  Result<InsertBytes> inserts_against_references(std::size_t begin, std::size_t end,
                                                 const std::vector<CellColumn>& references,
                                                 const std::vector<CellColumn>& new_columns) {
    ByteWriter head, out;
    encode_insert_order(head, {.columns = order_, .with_references = true});
    BlockCells cells(end - begin, new_columns.size());
    const std::span<const Rid> rids = std::span(references_->rids).subspan(begin, end - begin);
    ROOTLET_TRY(const Bytes named, references_column(rids, cells));
    head.raw(named);
    for (std::size_t c = 0; c < new_columns.size(); ++c) cells.set_old(c, references[c]);
    for (const std::size_t c : order_) {
      ROOTLET_TRY(
          put_against_reference(out, c, {references[c], references[c]}, new_columns[c], cells));
      cells.set(c, new_columns[c]);
    }
    return InsertBytes{head.take(), out.take()};
  }

  // What the rows of a block have for references among the earlier new rows.
  struct EarlierCells {
    std::vector<Rid> distances;
    std::vector<CellColumn> old_columns;  // the reader's old cells: of rows in other blocks
    std::vector<CellColumn> references;   // all of them
  };

  // nullopt if no row has one, or if they have too much text.
  std::optional<EarlierCells> earlier_cells(std::size_t begin, std::size_t end,
                                            const std::vector<CellColumn>& new_columns) const {
    if (distances_->empty()) return std::nullopt;
    EarlierCells out{.distances = {},
                     .old_columns = std::vector<CellColumn>(new_columns.size()),
                     .references = std::vector<CellColumn>(new_columns.size())};
    bool has_any = false;
    std::size_t bytes = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const std::uint32_t distance = (*distances_)[i];
      has_any = has_any || distance != 0;
      out.distances.push_back(distance == 0 ? ReferenceRows::kNoReference : distance);
      const bool is_here = distance <= i - begin;
      for (std::size_t c = 0; c < new_columns.size(); ++c) {
        const CellView cell =
            distance == 0 ? CellView() : changes_->inserts.columns[c].at(i - distance);
        bytes += cell.text.size();
        out.references[c].push(cell);
        out.old_columns[c].push(is_here ? CellView() : cell);
      }
      if (bytes > limits::kBlockBytes) return std::nullopt;
    }
    return has_any ? std::optional(std::move(out)) : std::nullopt;
  }

  Result<InsertBytes> inserts_against_earlier(const EarlierCells& earlier,
                                              const std::vector<CellColumn>& new_columns) {
    ByteWriter head, out;
    encode_insert_order(
        head,
        {.columns = order_, .with_references = true, .to_earlier_rows = true, .is_kept = is_kept_});
    const std::size_t rows = earlier.distances.size();
    BlockCells cells(rows, new_columns.size() + 1);
    ROOTLET_TRY(const Bytes named, references_column(earlier.distances, cells));
    head.raw(named);
    const CellColumn kinds = kinds_of(earlier.distances);
    cells.set(new_columns.size(), kinds);
    for (std::size_t c = 0; c < new_columns.size(); ++c) cells.set_old(c, earlier.old_columns[c]);
    for (const std::size_t c : order_) {
      ROOTLET_TRY(put_against_reference(out, c, {earlier.references[c], earlier.old_columns[c]},
                                        new_columns[c], cells));
      cells.set(c, new_columns[c]);
    }
    return InsertBytes{head.take(), out.take()};
  }

  Result<Bytes> references_column(std::span<const Rid> references, BlockCells& cells) {
    CellColumn column;
    for (const Rid reference : references) {
      if (reference == ReferenceRows::kNoReference) {
        column.push_null();
      } else {
        column.push_integer(static_cast<std::int64_t>(reference));
      }
    }
    return all_cells(kReferenceColumn, column, cells);
  }

  // The reference rows, unless no row has one or they have too much text.
  Result<std::optional<RowBlock>> references_between(std::size_t begin, std::size_t end) const {
    if (references_->rids.empty()) return std::optional<RowBlock>();
    const std::span<const Rid> rids = std::span(references_->rids).subspan(begin, end - begin);
    const bool none = std::all_of(rids.begin(), rids.end(),
                                  [](Rid rid) { return rid == ReferenceRows::kNoReference; });
    if (none) return std::optional<RowBlock>();
    return reference_rows(rids, changes_->schema.columns.size(), *references_->base);
  }

  // A column's cells in the references, and those of them that codes may use.
  struct ReferenceCells {
    const CellColumn &all, &old;
  };

  // Writes the cells that differ from the references', or all cells, whichever is smaller.
  Status put_against_reference(ByteWriter& out, std::size_t column,
                               const ReferenceCells& references, const CellColumn& new_column,
                               BlockCells& cells) {
    const Rows rows = differing_rows(references.all, new_column);
    if (rows.empty()) {
      out.u8(static_cast<std::uint8_t>(CellChoice::kNone));
      return ok();
    }
    ROOTLET_TRY(ExplicitCells best,
                encode_explicit(column, ColumnUse::kAllWithReference, all_rows(new_column.size()),
                                references.old, new_column, cells));
    if (rows.size() < new_column.size()) {
      ROOTLET_TRY(ExplicitCells some, encode_explicit(column, ColumnUse::kDiffersFromReference,
                                                      rows, references.old, new_column, cells));
      if (some.bytes.size() < best.bytes.size()) best = std::move(some);
    }
    out.u8(static_cast<std::uint8_t>(best.choice));
    out.raw(best.bytes);
    return ok();
  }

  static CellColumn slice(const CellColumn& column, std::size_t begin, std::size_t end) {
    CellColumn out;
    for (std::size_t row = begin; row < end; ++row) out.push(column.at(row));
    return out;
  }
  static std::vector<CellColumn> slice(const RowBlock& rows, std::size_t begin, std::size_t end) {
    std::vector<CellColumn> out;
    for (const CellColumn& column : rows.columns) out.push_back(slice(column, begin, end));
    return out;
  }

  const SectionChanges* changes_;
  const SectionChanges* first_;
  const ReferenceRows* references_;
  const RowDistances* distances_;
  bool first_section_;
  bool is_kept_ = false;
  ColumnEncoder encoder_;
  std::vector<std::size_t> order_;  // of inserted columns
};

// Encodes the blocks of `cuts`, each with a copy of `encoder`, on all processors; then `encoder` is
// the copy of the last one.
Result<std::vector<Bytes>> encode_together(BlockEncoder& encoder, std::span<const Cut> cuts) {
  std::vector<BlockEncoder> encoders(cuts.size(), encoder);
  std::vector<std::optional<Result<Bytes>>> coded(cuts.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < cuts.size(); i = next++)
      coded[i] = encoders[i].encode(cuts[i]);
  };
  std::vector<std::future<void>> helpers;
  const std::size_t workers =
      std::min<std::size_t>(cuts.size(), std::thread::hardware_concurrency());
  while (helpers.size() + 1 < workers) helpers.push_back(run_parallel(work));
  work();
  for (std::future<void>& helper : helpers) helper.get();
  std::vector<Bytes> blocks;
  for (std::optional<Result<Bytes>>& one : coded) {
    ROOTLET_TRY(Bytes block, std::move(*one));
    blocks.push_back(std::move(block));
  }
  encoder = std::move(encoders.back());
  return blocks;
}

// For the new rows of a snapshot.
RowDistances distances_of(const SectionChanges& changes, std::span<const Cut> cuts) {
  std::vector<std::size_t> begins;
  for (const Cut& cut : cuts) begins.push_back(cut.insert_begin);
  return find_earlier_rows(changes.inserts, begins);
}

// Marks the blocks whose rows others refer to.
void mark_kept(std::span<Cut> cuts, const RowDistances& distances) {
  for (const Cut& cut : cuts) {
    for (std::size_t row = cut.insert_begin; row < cut.insert_end; ++row) {
      const std::size_t target = row - distances[row];
      if (target >= cut.insert_begin) continue;
      const auto after = std::upper_bound(
          cuts.begin(), cuts.end(), target,
          [](std::size_t at, const Cut& other) { return at < other.insert_begin; });
      std::prev(after)->is_kept = true;
    }
  }
}

}  // namespace

Result<Bytes> encode_body(const SectionChanges& changes, const SectionChanges& first,
                          const ReferenceRows& references, const PlanExchange& plans) {
  ROOTLET_TRY(check_changes(changes, first));
  std::vector<Cut> cuts = Cutter(changes, first, !references.rids.empty()).all();
  // The first block finds the codes. A base may be read by one thread only, and a change is small.
  const bool only_inserts = references.rids.empty() && changes.updated_new.rids.empty();
  const std::size_t most = only_inserts ? kBlocksTogether : 1;
  const bool is_snapshot = only_inserts && first.deletes.empty();
  const RowDistances distances = is_snapshot ? distances_of(changes, cuts) : RowDistances();
  if (!distances.empty()) mark_kept(cuts, distances);
  BlockEncoder encoder(changes, first, references, distances);
  if (plans.start != nullptr) encoder.start_from(*plans.start);
  ByteWriter out;
  out.raw(fingerprint(changes.schema));
  for (std::size_t done = 0; done < cuts.size();) {
    const std::size_t count = done == 0 ? 1 : std::min(most, cuts.size() - done);
    ROOTLET_TRY(const std::vector<Bytes> blocks,
                encode_together(encoder, std::span(cuts).subspan(done, count)));
    for (const Bytes& block : blocks) out.sized(block);
    done += count;
  }
  if (plans.learned != nullptr) *plans.learned = std::move(encoder).learned();
  return out.take();
}

}  // namespace rootlet
