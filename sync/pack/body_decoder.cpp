// Turns blocks back into rows. Old rows are read from the base in slices, so that memory is bounded
// by one block whatever the number of deletes.
#include <algorithm>
#include <numeric>

#include "sync/pack/body.hpp"
#include "sync/pack/column_decoder.hpp"
#include "sync/pack/sizes.hpp"

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
    ROOTLET_TRY(complete(in, rows));
    ROOTLET_TRY(hand_deletes(rows.deletes));
    if (!rows.updates.empty()) {
      ROOTLET_TRY(hand_updates(in, rows.updates));
    }
    if (rows.insert_count > 0) {
      ROOTLET_TRY(hand_inserts(in, std::move(rows.inserts)));
    }
    return in.expect_end();
  }

  // What only the end shows: that the other sections' rows were all spoken of.
  Status finish() const {
    if (first_section_) return ok();
    if (cursor_.deletes != lists_.deletes.size() || cursor_.inserts != lists_.inserts.size()) {
      return fail(ErrorCode::kUntrusted, "has other rows than the first section");
    }
    return ok();
  }

 private:
  // Deletes and inserts: told by the first section, recalled in the others.
  Status complete(ByteReader& in, BlockRows& rows) {
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

  Result<RowBlock> old_rows(std::span<const Rid> rids) {
    ROOTLET_TRY(RowBlock rows, base_.find(rids));
    const bool whole = std::equal(rids.begin(), rids.end(), rows.rids.begin(), rows.rids.end()) &&
                       rows.columns.size() == schema_.columns.size() &&
                       std::all_of(rows.columns.begin(), rows.columns.end(),
                                   [&](const CellColumn& c) { return c.size() == rids.size(); });
    if (!whole) return fail(ErrorCode::kUntrusted, "speaks of rows that are not held here");
    return rows;
  }

  Status hand_deletes(std::span<const Rid> rids) {
    while (!rids.empty()) {
      const std::size_t count = std::min(rids.size(), kDeleteSlice);
      ROOTLET_TRY(const RowBlock rows, old_rows(rids.first(count)));
      ROOTLET_TRY(sink_.remove(rows));
      rids = rids.subspan(count);
    }
    return ok();
  }

  // The new cells of one column: those that change decoded, the others as they were.
  Status change_column(ByteReader& in, const ChangedColumn& changed, const CellColumn& old_cells,
                       BlockCells& cells, CellColumn& new_cells) {
    std::vector<CellView> olds;
    std::vector<std::uint32_t> rows;
    olds.reserve(changed.rows.size());
    rows.reserve(changed.rows.size());
    for (const std::uint64_t row : changed.rows) {
      olds.push_back(old_cells.at(row));
      rows.push_back(static_cast<std::uint32_t>(row));
    }
    CellColumn values;
    const ColumnPlace place{.count = rows.size(), .olds = olds, .cells = &cells, .rows = &rows};
    ROOTLET_TRY(decode_column(in, changed.column, place, values));
    new_cells.clear();
    std::size_t next = 0;
    for (std::size_t row = 0; row < old_cells.size(); ++row) {
      const bool changes = next < changed.rows.size() && changed.rows[next] == row;
      new_cells.push(changes ? values.at(next++) : old_cells.at(row));
    }
    cells.set(changed.column, new_cells);
    return ok();
  }

  Status decode_column(ByteReader& in, std::size_t column, const ColumnPlace& place,
                       CellColumn& out) {
    Status done = ColumnDecoder(in).decode(schema_.columns[column], place, out);
    if (done.has_error()) return within("column " + schema_.columns[column].name, done.error());
    block_text_bytes_ += out.text_bytes();
    if (block_text_bytes_ > kDecodedBlockBytes) return in.error("a block makes too much text");
    return ok();
  }

  Status hand_updates(ByteReader& in, const std::vector<Rid>& rids) {
    block_text_bytes_ = 0;
    ROOTLET_TRY(const RowBlock old_block, old_rows(rids));
    RowBlock new_block = old_block;
    BlockCells cells(rids.size(), schema_.columns.size());
    for (std::size_t c = 0; c < schema_.columns.size(); ++c) cells.set(c, old_block.columns[c]);
    ROOTLET_TRY(const std::uint64_t columns, in.varint_up_to(schema_.columns.size()));
    std::uint64_t next_column = 0;
    for (std::uint64_t i = 0; i < columns; ++i) {
      ROOTLET_TRY(const ChangedColumn changed,
                  decode_changed_column(in, schema_, rids.size(), next_column));
      ROOTLET_TRY(change_column(in, changed, old_block.columns[changed.column], cells,
                                new_block.columns[changed.column]));
    }
    return sink_.update(old_block, new_block);
  }

  Status hand_inserts(ByteReader& in, std::vector<Rid> rids) {
    block_text_bytes_ = 0;
    RowBlock rows{.rids = std::move(rids), .columns = {}};
    rows.columns.resize(schema_.columns.size());
    BlockCells cells(rows.rids.size(), rows.columns.size());
    std::vector<std::uint32_t> numbers(rows.rids.size());
    std::iota(numbers.begin(), numbers.end(), 0U);
    const ColumnPlace place{.count = numbers.size(), .cells = &cells, .rows = &numbers};
    ROOTLET_TRY(const std::vector<std::size_t> order, decode_column_order(in, rows.columns.size()));
    for (const std::size_t column : order) {
      ROOTLET_TRY(decode_column(in, column, place, rows.columns[column]));
      cells.set(column, rows.columns[column]);
    }
    return sink_.insert(rows);
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
