// Decodes blocks into rows (docs/FORMATS.md, "Section body"). Reads the old rows of deletes in
// slices, so that memory is bounded by one block however many rows are deleted.
#include <algorithm>
#include <numeric>

#include "core/limits.hpp"
#include "sync/pack/body/body.hpp"
#include "sync/pack/body/earlier_rows.hpp"
#include "sync/pack/coding/sizes.hpp"
#include "sync/pack/columns/column_decoder.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kDeleteSlice = 4'096;  // old rows in memory at a time

class BodyDecoder {
 public:
  BodyDecoder(const SectionSchema& schema, bool first_section, BaseRows& base, RowLists& lists,
              ChangeSink& sink)
      : schema_(schema), first_section_(first_section), base_(base), lists_(lists), sink_(sink) {}

  Status decode_block(ByteView bytes) {
    ByteReader in(bytes, "rows");
    ROOTLET_TRY(BlockRows rows, decode_block_rows(in, schema_, first_section_, cursor_));
    ROOTLET_TRY(resolve_lists(in, rows));
    InsertHead head;
    if (rows.insert_count > 0) {
      ROOTLET_TRY(head, decode_insert_head(in, rows.insert_count));
    }
    announce(rows, head);
    ROOTLET_TRY(emit_deletes(rows.deletes));
    if (!rows.updates.empty()) {
      ROOTLET_TRY(emit_updates(in, rows.updates));
    }
    if (rows.insert_count > 0) {
      ROOTLET_TRY(emit_inserts(in, head, std::move(rows.inserts)));
    }
    return in.expect_end();
  }

  // Only at the end is it known whether the other sections covered all rows of the first.
  Status finish() const {
    if (first_section_) return ok();
    if (cursor_.deletes != lists_.deletes.size() || cursor_.inserts != lists_.inserts.size()) {
      return fail(ErrorCode::kUntrusted, "has other rows than the first section");
    }
    return ok();
  }

 private:
  // Deletes and inserts: the first section names them, later sections refer to them.
  Status resolve_lists(ByteReader& in, BlockRows& rows) {
    if (first_section_) {
      lists_.deletes.insert(lists_.deletes.end(), rows.deletes.begin(), rows.deletes.end());
      lists_.inserts.insert(lists_.inserts.end(), rows.inserts.begin(), rows.inserts.end());
      return ok();
    }
    if (cursor_.deletes > lists_.deletes.size() || cursor_.inserts > lists_.inserts.size()) {
      return in.error("has more rows than the first section");
    }
    const auto recall = [](const std::vector<Rid>& list, std::uint64_t end, std::size_t count) {
      const auto last = list.begin() + static_cast<std::ptrdiff_t>(end);
      return std::vector<Rid>(last - static_cast<std::ptrdiff_t>(count), last);
    };
    rows.deletes = recall(lists_.deletes, cursor_.deletes, rows.delete_count);
    rows.inserts = recall(lists_.inserts, cursor_.inserts, rows.insert_count);
    return ok();
  }

  // How the cells of new rows are coded. If the order has references, there is one for each row:
  // rids, or how many new rows before the row is.
  struct InsertHead {
    InsertOrder order;
    std::vector<Rid> references;
  };

  Result<InsertHead> decode_insert_head(ByteReader& in, std::size_t count) {
    InsertHead head;
    ROOTLET_TRY(head.order, decode_insert_order(in, schema_.columns.size()));
    if (head.order.with_references) {
      ROOTLET_TRY(head.references, decode_references(in, count));
    }
    return head;
  }

  // The rows that will be read from the base; those that will be changed come last.
  void announce(const BlockRows& rows, const InsertHead& head) {
    if (!head.order.to_earlier_rows) base_.announce(distinct_references(head.references));
    for (const std::vector<Rid>& wanted : {rows.deletes, rows.updates}) base_.announce(wanted);
  }

  Result<RowBlock> old_rows(std::span<const Rid> rids) {
    ROOTLET_TRY(RowBlock rows, base_.find(rids));
    const bool whole = std::equal(rids.begin(), rids.end(), rows.rids.begin(), rows.rids.end()) &&
                       rows.columns.size() == schema_.columns.size() &&
                       std::all_of(rows.columns.begin(), rows.columns.end(),
                                   [&](const CellColumn& c) { return c.size() == rids.size(); });
    if (!whole) return fail(ErrorCode::kUntrusted, "refers to rows that are not held here");
    return rows;
  }

  Status emit_deletes(std::span<const Rid> rids) {
    while (!rids.empty()) {
      const std::size_t count = std::min(rids.size(), kDeleteSlice);
      ROOTLET_TRY(RowBlock rows, old_rows(rids.first(count)));
      ROOTLET_TRY(sink_.remove(std::move(rows)));
      rids = rids.subspan(count);
    }
    return ok();
  }

  // Decodes one column: cells that are written, and the old cells for all others.
  Status decode_explicit(ByteReader& in, const ExplicitColumn& explicit_cells,
                         const CellColumn& old_column, BlockCells& cells, CellColumn& new_column) {
    cells.set_current(explicit_cells.column);
    ROOTLET_TRY(const std::vector<std::uint32_t> rows,
                decode_explicit_rows(in, explicit_cells.choice, old_column.size(), &cells));
    std::vector<CellView> old_cells;
    old_cells.reserve(rows.size());
    for (const std::uint32_t row : rows) old_cells.push_back(old_column.at(row));
    CellColumn values;
    const CellSelection selection{
        .count = rows.size(), .old_cells = old_cells, .cells = &cells, .rows = &rows};
    ROOTLET_TRY(decode_column(in, explicit_cells.column, selection, values));
    new_column.clear();
    std::size_t next = 0;
    for (std::size_t row = 0; row < old_column.size(); ++row) {
      const bool is_explicit = next < rows.size() && rows[next] == row;
      if (!is_explicit && !same_block_.empty() && same_block_[row] != kOtherBlock) {
        ROOTLET_TRY(push_again(in, same_block_[row], new_column));
        continue;
      }
      new_column.push(is_explicit ? values.at(next++) : old_column.at(row));
    }
    cells.set(explicit_cells.column, new_column);
    return ok();
  }

  // Appends an earlier cell of the column.
  Status push_again(ByteReader& in, std::size_t row, CellColumn& column) {
    const CellView cell = column.at(row);
    block_text_bytes_ += cell.text.size();
    if (block_text_bytes_ > kDecodedBlockBytes) return in.error("a block makes too much text");
    column.push(cell);
    return ok();
  }

  Status decode_column(ByteReader& in, std::size_t column, const CellSelection& selection,
                       CellColumn& out) {
    Status done = ColumnDecoder(in).decode(schema_.columns[column], selection, out);
    if (done.has_error()) return within("column " + schema_.columns[column].name, done.error());
    block_text_bytes_ += out.text_bytes();
    if (block_text_bytes_ > kDecodedBlockBytes) return in.error("a block makes too much text");
    return ok();
  }

  Status emit_updates(ByteReader& in, const std::vector<Rid>& rids) {
    block_text_bytes_ = 0;
    ROOTLET_TRY(RowBlock old_block, old_rows(rids));
    RowBlock new_block = old_block;
    BlockCells cells(rids.size(), schema_.columns.size());
    for (std::size_t c = 0; c < schema_.columns.size(); ++c) cells.set_old(c, old_block.columns[c]);
    ROOTLET_TRY(const std::uint64_t columns, in.varint_up_to(schema_.columns.size()));
    std::uint64_t next_column = 0;
    for (std::uint64_t i = 0; i < columns; ++i) {
      ROOTLET_TRY(const ExplicitColumn explicit_cells,
                  decode_changed_column(in, schema_, next_column));
      ROOTLET_TRY(decode_explicit(in, explicit_cells, old_block.columns[explicit_cells.column],
                                  cells, new_block.columns[explicit_cells.column]));
    }
    return sink_.update(std::move(old_block), std::move(new_block));
  }

  Status emit_inserts(ByteReader& in, const InsertHead& head, std::vector<Rid> rids) {
    block_text_bytes_ = 0;
    RowBlock rows{.rids = std::move(rids), .columns = {}};
    rows.columns.resize(schema_.columns.size());
    if (head.order.to_earlier_rows) {
      ROOTLET_TRY(decode_against_earlier_rows(in, head, rows));
    } else {
      ROOTLET_TRY(head.order.with_references ? decode_against_references(in, head, rows)
                                             : decode_alone(in, head.order, rows));
    }
    if (head.order.is_kept) kept_.keep(cursor_.inserts - rows.rids.size(), rows);
    return sink_.insert(std::move(rows));
  }

  Status decode_alone(ByteReader& in, const InsertOrder& order, RowBlock& rows) {
    BlockCells cells(rows.rids.size(), rows.columns.size());
    std::vector<std::uint32_t> numbers(rows.rids.size());
    std::iota(numbers.begin(), numbers.end(), 0U);
    const CellSelection selection{.count = numbers.size(), .cells = &cells, .rows = &numbers};
    for (const std::size_t column : order.columns) {
      ROOTLET_TRY(decode_column(in, column, selection, rows.columns[column]));
      cells.set(column, rows.columns[column]);
    }
    return ok();
  }

  Status decode_against_references(ByteReader& in, const InsertHead& head, RowBlock& rows) {
    BlockCells cells(rows.rids.size(), rows.columns.size());
    ROOTLET_TRY(const std::optional<RowBlock> references,
                reference_rows(head.references, rows.columns.size(), base_));
    if (!references.has_value()) return in.error("references have more text than a block may");
    return decode_columns(in, head.order, references->columns, cells, rows);
  }

  Status decode_columns(ByteReader& in, const InsertOrder& order,
                        const std::vector<CellColumn>& references, BlockCells& cells,
                        RowBlock& rows) {
    for (std::size_t c = 0; c < rows.columns.size(); ++c) cells.set_old(c, references[c]);
    for (const std::size_t column : order.columns) {
      ROOTLET_TRY(const std::uint8_t choice, in.u8());
      if (choice > static_cast<std::uint8_t>(CellChoice::kNone))
        return in.error("an unknown choice of cells");
      if (choice == static_cast<std::uint8_t>(CellChoice::kNone)) {
        ROOTLET_TRY(copy_references(in, references[column], rows.columns[column]));
        cells.set(column, rows.columns[column]);
        continue;
      }
      ROOTLET_TRY(decode_explicit(in, {column, static_cast<CellChoice>(choice)}, references[column],
                                  cells, rows.columns[column]));
    }
    return ok();
  }

  Status copy_references(ByteReader& in, const CellColumn& references, CellColumn& column) {
    column = {};
    for (std::size_t row = 0; row < references.size(); ++row) {
      const bool is_here = !same_block_.empty() && same_block_[row] != kOtherBlock;
      if (is_here) {
        ROOTLET_TRY(push_again(in, same_block_[row], column));
      } else {
        column.push(references.at(row));
      }
    }
    return ok();
  }

  // As decode_against_references(), but a reference is an earlier new row. If that is in this
  // block, its cells are not old cells, which a code may use; they are only copied.
  Status decode_against_earlier_rows(ByteReader& in, const InsertHead& head, RowBlock& rows) {
    const std::uint64_t first = cursor_.inserts - rows.rids.size();
    ROOTLET_TRY(EarlierCells earlier, resolve_earlier(in, head.references, first));
    BlockCells cells(rows.rids.size(), rows.columns.size() + 1);
    cells.set(rows.columns.size(), earlier.kinds);
    same_block_ = std::move(earlier.same_block);
    Status done = decode_columns(in, head.order, earlier.old_columns, cells, rows);
    same_block_.clear();
    return done;
  }

  struct EarlierCells {
    std::vector<CellColumn> old_columns;
    std::vector<std::uint32_t> same_block;  // by row: the row of this block, or kOtherBlock
    CellColumn kinds;
  };

  Result<EarlierCells> resolve_earlier(ByteReader& in, std::span<const Rid> distances,
                                       std::uint64_t first) const {
    EarlierCells out{.old_columns = std::vector<CellColumn>(schema_.columns.size()),
                     .same_block = std::vector<std::uint32_t>(distances.size(), kOtherBlock),
                     .kinds = kinds_of(distances)};
    std::size_t bytes = 0;
    for (std::size_t row = 0; row < distances.size(); ++row) {
      const Rid distance = distances[row];
      const bool has_one = distance != ReferenceRows::kNoReference;
      if (has_one && (distance == 0 || distance > first + row)) {
        return in.error("refers to a row that does not come before it");
      }
      std::optional<RowPlace> place;
      if (has_one && distance > row) {
        place = kept_.find(first + row - distance);
        if (!place) return in.error("refers to a row that is no longer kept");
      } else if (has_one) {
        out.same_block[row] = static_cast<std::uint32_t>(row - distance);
      }
      for (std::size_t c = 0; c < out.old_columns.size(); ++c) {
        const CellView cell = place ? place->block->columns[c].at(place->row) : CellView();
        bytes += cell.text.size();
        out.old_columns[c].push(cell);
      }
      if (bytes > limits::kBlockBytes)
        return in.error("references have more text than a block may");
    }
    return out;
  }

  Result<std::vector<Rid>> decode_references(ByteReader& in, std::size_t count) {
    if (2 * count * schema_.columns.size() * kCellOverheadBytes > kDecodedBlockBytes) {
      return in.error("a block has too many rows");
    }
    BlockCells cells(count, schema_.columns.size());
    std::vector<std::uint32_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), 0U);
    CellColumn column;
    ROOTLET_TRY(ColumnDecoder(in).decode(
        kReferenceColumn, {.count = count, .cells = &cells, .rows = &numbers}, column));
    std::vector<Rid> references;
    for (std::size_t row = 0; row < count; ++row) {
      const CellView cell = column.at(row);
      const bool is_none = cell.kind == CellView::Kind::kNull;
      if (!is_none && (cell.integer < 0 || static_cast<Rid>(cell.integer) > limits::kMaxRid)) {
        return in.error("a reference is not a row number");
      }
      references.push_back(is_none ? ReferenceRows::kNoReference : static_cast<Rid>(cell.integer));
    }
    return references;
  }

  const SectionSchema& schema_;
  const bool first_section_;
  BaseRows& base_;
  RowLists& lists_;
  ChangeSink& sink_;
  RowCursor cursor_;
  KeptRows kept_;
  std::size_t block_text_bytes_ = 0;
  // While a block refers to earlier rows: for each row the one of this block, or kOtherBlock.
  static constexpr std::uint32_t kOtherBlock = UINT32_MAX;
  std::vector<std::uint32_t> same_block_;
};

}  // namespace

Status decode_body(const BodySource& source, const SectionSchema& schema, bool first_section,
                   BaseRows& base, RowLists& lists, ChangeSink& sink) {
  if (first_section) lists = {};
  BodyDecoder decoder(schema, first_section, base, lists, sink);
  ROOTLET_TRY(
      read_blocks(source, schema, [&](ByteView bytes) { return decoder.decode_block(bytes); }));
  return decoder.finish();
}

}  // namespace rootlet
