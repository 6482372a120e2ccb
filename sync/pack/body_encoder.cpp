// Cuts the changes of a section into blocks (all deletes first, then updates, then inserts) and
// codes each.
#include <algorithm>
#include <numeric>

#include "sync/pack/body.hpp"
#include "sync/pack/column_encoder.hpp"
#include "sync/pack/indexes.hpp"
#include "sync/pack/sizes.hpp"

namespace rootlet {
namespace {

std::size_t row_bytes(const RowBlock& rows, std::size_t row) {
  std::size_t bytes = 0;
  for (const CellColumn& column : rows.columns) {
    bytes += kCellOverheadBytes + column.at(row).text.size();
  }
  return bytes;
}

// Half-open ranges of the three lists that go into one block.
struct Cut {
  std::size_t delete_begin, delete_end;
  std::size_t update_begin, update_end;
  std::size_t insert_begin, insert_end;
};

class BodyEncoder {
 public:
  BodyEncoder(const SectionChanges& changes, const SectionChanges& first)
      : changes_(changes), first_(first), first_section_(&changes == &first) {}

  Result<Bytes> encode() {
    out_.raw(fingerprint(changes_.schema));
    Cut cut{0, 0, 0, 0, 0, 0};
    while (next_cut(cut)) {
      ROOTLET_TRY(const Bytes block, encode_block(cut));
      out_.sized(block);
    }
    return out_.take();
  }

 private:
  // The next block after `cut`: as many rows as fit, at least one; false if none is left.
  bool next_cut(Cut& cut) const {
    std::size_t rows = 0;
    std::size_t bytes = 0;
    const auto extend = [&](std::size_t begin, std::size_t count, auto weight) {
      std::size_t end = begin;
      while (end < count && rows < pack_sizes().block_rows && bytes < pack_sizes().block_bytes) {
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
    cut.insert_end = extend(cut.insert_begin, first_.inserts.rids.size(),
                            [&](std::size_t row) { return row_bytes(changes_.inserts, row); });
    return rows > 0;
  }

  void put_rows(ByteWriter& block, std::span<const Rid> rids, std::size_t begin, std::size_t end,
                Rid& next, bool with_rids) const {
    if (with_rids) {
      encode_indexes(block, rids.subspan(begin, end - begin), next);
    } else {
      block.varint(end - begin);
    }
  }

  Result<Bytes> encode_block(const Cut& cut) {
    ByteWriter block;
    put_rows(block, first_.deletes, cut.delete_begin, cut.delete_end, next_delete_, first_section_);
    put_rows(block, changes_.updated_new.rids, cut.update_begin, cut.update_end, next_update_,
             true);
    put_rows(block, first_.inserts.rids, cut.insert_begin, cut.insert_end, next_insert_,
             first_section_);
    if (cut.update_end > cut.update_begin) {
      ROOTLET_TRY(put_updates(block, cut.update_begin, cut.update_end));
    }
    if (cut.insert_end > cut.insert_begin) {
      ROOTLET_TRY(put_inserts(block, cut.insert_begin, cut.insert_end));
    }
    return block.take();
  }

  // The columns that any row of the range changes, and in which rows.
  std::vector<ChangedColumn> changed_columns(std::size_t begin, std::size_t end) const {
    std::vector<ChangedColumn> changed;
    for (std::size_t c = 0; c < changes_.schema.columns.size(); ++c) {
      ChangedColumn column{.column = c, .rows = {}};
      for (std::size_t row = begin; row < end; ++row) {
        const CellView old_cell = changes_.updated_old.columns[c].at(row);
        if (old_cell != changes_.updated_new.columns[c].at(row)) column.rows.push_back(row - begin);
      }
      if (!column.rows.empty()) changed.push_back(std::move(column));
    }
    return changed;
  }

  Status put_updates(ByteWriter& block, std::size_t begin, std::size_t end) {
    const std::vector<ChangedColumn> changed = changed_columns(begin, end);
    block.varint(changed.size());
    // As the reader has them: columns that were told already as they are, the others as they were.
    std::vector<CellColumn> told = slice(changes_.updated_old, begin, end);
    BlockCells cells(end - begin, told.size());
    for (std::size_t c = 0; c < told.size(); ++c) cells.set(c, told[c]);
    std::size_t next_column = 0;
    for (const ChangedColumn& column : changed) {
      const bool all = column.rows.size() == end - begin;
      block.varint((column.column - next_column) << 1 | (all ? 1U : 0U));
      next_column = column.column + 1;
      std::uint64_t next_row = 0;
      if (!all) encode_indexes(block, column.rows, next_row);
      ROOTLET_TRY(put_change(block, column, begin, cells));
      told[column.column] = slice(changes_.updated_new.columns[column.column], begin, end);
      cells.set(column.column, told[column.column]);
    }
    return ok();
  }

  Status put_change(ByteWriter& block, const ChangedColumn& column, std::size_t begin,
                    BlockCells& cells) {
    std::vector<CellView> olds, news;
    std::vector<std::uint32_t> rows;
    for (const std::uint64_t row : column.rows) {
      olds.push_back(changes_.updated_old.columns[column.column].at(begin + row));
      news.push_back(changes_.updated_new.columns[column.column].at(begin + row));
      rows.push_back(static_cast<std::uint32_t>(row));
    }
    const ColumnPlace place{.count = news.size(), .olds = olds, .cells = &cells, .rows = &rows};
    ROOTLET_TRY(const Bytes coded,
                encoder_.encode(changes_.schema.columns[column.column], news, place));
    block.raw(coded);
    return ok();
  }

  Status put_inserts(ByteWriter& block, std::size_t begin, std::size_t end) {
    const std::vector<CellColumn>& all = changes_.inserts.columns;
    if (order_.empty()) order_ = coding_order(all, begin, end);
    encode_column_order(block, order_);
    std::vector<CellColumn> told(all.size());
    BlockCells cells(end - begin, all.size());
    std::vector<std::uint32_t> rows(end - begin);
    std::iota(rows.begin(), rows.end(), 0U);
    for (const std::size_t c : order_) {
      told[c] = slice(all[c], begin, end);
      std::vector<CellView> views;
      views.reserve(end - begin);
      for (std::size_t row = 0; row < end - begin; ++row) views.push_back(told[c].at(row));
      const ColumnPlace place{.count = views.size(), .cells = &cells, .rows = &rows};
      ROOTLET_TRY(const Bytes coded, encoder_.encode(changes_.schema.columns[c], views, place));
      block.raw(coded);
      cells.set(c, told[c]);
    }
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

  const SectionChanges& changes_;
  const SectionChanges& first_;
  const bool first_section_;
  ColumnEncoder encoder_;
  std::vector<std::size_t> order_;  // of inserted columns
  ByteWriter out_;
  Rid next_delete_ = 0, next_update_ = 0, next_insert_ = 0;
};

}  // namespace

Result<Bytes> encode_body(const SectionChanges& changes, const SectionChanges& first) {
  ROOTLET_TRY(check_changes(changes, first));
  return BodyEncoder(changes, first).encode();
}

}  // namespace rootlet
