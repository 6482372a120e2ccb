// Decodes blocks into rows (docs/FORMATS.md, "Section body"). Reads the old rows of deletes in
// slices, so that memory is bounded by one block however many rows are deleted.
#include <algorithm>
#include <numeric>

#include "sync/pack/body/body.hpp"
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

  // How the cells of new rows are coded.
  struct InsertHead {
    InsertOrder order;
    std::vector<Rid> references;  // one for each new row, if the order has references
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
    for (const std::vector<Rid>& wanted :
         {distinct_references(head.references), rows.deletes, rows.updates}) {
      base_.announce(wanted);
    }
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
      new_column.push(is_explicit ? values.at(next++) : old_column.at(row));
    }
    cells.set(explicit_cells.column, new_column);
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
    ROOTLET_TRY(head.order.with_references ? decode_against_references(in, head, rows)
                                           : decode_alone(in, head.order, rows));
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
    for (std::size_t c = 0; c < rows.columns.size(); ++c) cells.set_old(c, references->columns[c]);
    for (const std::size_t column : head.order.columns) {
      ROOTLET_TRY(const std::uint8_t choice, in.u8());
      if (choice > static_cast<std::uint8_t>(CellChoice::kNone))
        return in.error("an unknown choice of cells");
      if (choice == static_cast<std::uint8_t>(CellChoice::kNone)) {
        rows.columns[column] = references->columns[column];
        cells.set(column, rows.columns[column]);
        continue;
      }
      ROOTLET_TRY(decode_explicit(in, {column, static_cast<CellChoice>(choice)},
                                  references->columns[column], cells, rows.columns[column]));
    }
    return ok();
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
  std::size_t block_text_bytes_ = 0;
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
