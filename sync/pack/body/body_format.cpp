// The framing of a body (docs/FORMATS.md, "Section body"), shared by the decoder and by
// explain.cpp.
#include <algorithm>
#include <numeric>

#include "core/crypto.hpp"
#include "sync/pack/body/body.hpp"
#include "sync/pack/coding/sizes.hpp"
#include "sync/pack/columns/column_decoder.hpp"
#include "sync/pack/columns/indexes.hpp"

namespace rootlet {

SchemaFingerprint fingerprint(const SectionSchema& schema) {
  ByteWriter out;
  out.sized(as_bytes("rootlet schema v1"));
  out.varint(schema.columns.size());
  for (const ColumnSpec& column : schema.columns) {
    out.sized(as_bytes(column.name));
    out.u8(static_cast<std::uint8_t>(column.type));
    out.u8(column.scale);
  }
  const Hash256 hash = blake2b(out.view());
  SchemaFingerprint print;
  std::copy_n(hash.begin(), print.size(), print.begin());
  return print;
}

namespace {

Status check_order(ByteReader& in, const BlockRows& rows, RowCursor& cursor) {
  const bool late_delete = rows.delete_count > 0 && cursor.updates + cursor.inserts > 0;
  const bool late_update = !rows.updates.empty() && cursor.inserts > 0;
  if (late_delete || late_update) return in.error("a block is out of order");
  cursor.deletes += rows.delete_count;
  cursor.updates += rows.updates.size();
  cursor.inserts += rows.insert_count;
  return ok();
}

Status check_size(ByteReader& in, const BlockRows& rows, const SectionSchema& schema) {
  const std::size_t cells = (2 * rows.updates.size() + rows.insert_count) * schema.columns.size();
  const std::size_t count = rows.delete_count + rows.updates.size() + rows.insert_count;
  if (count == 0) return in.error("a block is empty");
  if (count > limits::kBlockRows || cells * kCellOverheadBytes > kDecodedBlockBytes) {
    return in.error("a block has too many rows");
  }
  return ok();
}

}  // namespace

Result<BlockRows> decode_block_rows(ByteReader& in, const SectionSchema& schema, bool first_section,
                                    RowCursor& cursor) {
  constexpr std::uint64_t kMost = limits::kBlockRows;
  BlockRows rows;
  if (first_section) {
    ROOTLET_TRY(rows.deletes, decode_indexes(in, kMost, limits::kMaxRid, cursor.next_delete));
    rows.delete_count = rows.deletes.size();
  } else {
    ROOTLET_TRY(const std::uint64_t count, in.varint_up_to(kMost));
    rows.delete_count = static_cast<std::size_t>(count);
  }
  ROOTLET_TRY(rows.updates, decode_indexes(in, kMost, limits::kMaxRid, cursor.next_update));
  if (first_section) {
    ROOTLET_TRY(rows.inserts,
                decode_indexes(in, kMost, limits::kMaxRid, cursor.next_insert, rows.deletes));
    rows.insert_count = rows.inserts.size();
  } else {
    ROOTLET_TRY(const std::uint64_t count, in.varint_up_to(kMost));
    rows.insert_count = static_cast<std::size_t>(count);
  }
  ROOTLET_TRY(check_size(in, rows, schema));
  ROOTLET_TRY(check_order(in, rows, cursor));
  return rows;
}

Result<ExplicitColumn> decode_changed_column(ByteReader& in, const SectionSchema& schema,
                                             std::uint64_t& next_column) {
  ROOTLET_TRY(const std::uint64_t gap_and_choice, in.varint_up_to(4 * limits::kColumns));
  const std::uint64_t column = next_column + (gap_and_choice >> 2);
  const auto choice = static_cast<CellChoice>(gap_and_choice & 3);
  if (column >= schema.columns.size()) return in.error("a changed column does not exist");
  if (choice == CellChoice::kNone) return in.error("a changed column changes nothing");
  next_column = column + 1;
  return ExplicitColumn{static_cast<std::size_t>(column), choice};
}

Result<std::vector<std::uint32_t>> decode_explicit_rows(ByteReader& in, CellChoice choice,
                                                        std::size_t rows, BlockCells* cells) {
  std::vector<std::uint32_t> out(rows);
  std::iota(out.begin(), out.end(), 0U);
  if (choice == CellChoice::kAll) return out;
  if (choice == CellChoice::kMarked) {
    std::string shown;
    const CellSelection selection{.count = rows, .cells = cells, .rows = &out};
    ROOTLET_TRY(out, ColumnDecoder(in, cells == nullptr ? &shown : nullptr).marked_rows(selection));
  } else {
    std::uint64_t next_row = 0;
    ROOTLET_TRY(const std::vector<std::uint64_t> listed,
                decode_indexes(in, rows, rows - 1, next_row));
    out.assign(listed.begin(), listed.end());
  }
  if (out.empty()) return in.error("a changed column changes nothing");
  return out;
}

namespace {
constexpr std::uint8_t kOrderListed = 1, kOrderWithReferences = 2, kOrderToEarlierRows = 4,
                       kOrderKept = 8;
}  // namespace

void encode_insert_order(ByteWriter& out, const InsertOrder& order) {
  const bool natural = std::is_sorted(order.columns.begin(), order.columns.end());
  out.u8(static_cast<std::uint8_t>(
      (natural ? 0 : kOrderListed) | (order.with_references ? kOrderWithReferences : 0) |
      (order.to_earlier_rows ? kOrderToEarlierRows : 0) | (order.is_kept ? kOrderKept : 0)));
  for (std::size_t i = 0; i < order.columns.size() && !natural; ++i) out.varint(order.columns[i]);
}

Result<InsertOrder> decode_insert_order(ByteReader& in, std::size_t columns) {
  ROOTLET_TRY(const std::uint8_t form, in.u8());
  const bool is_known =
      form < 2 * kOrderKept &&
      (form & (kOrderWithReferences | kOrderToEarlierRows)) != kOrderToEarlierRows;
  if (!is_known) return in.error("an unknown order of columns");
  InsertOrder order{.columns = std::vector<std::size_t>(columns),
                    .with_references = (form & kOrderWithReferences) != 0,
                    .to_earlier_rows = (form & kOrderToEarlierRows) != 0,
                    .is_kept = (form & kOrderKept) != 0};
  std::vector<bool> named(columns);
  for (std::size_t i = 0; i < columns; ++i) {
    std::uint64_t column = i;
    if ((form & kOrderListed) != 0) {
      ROOTLET_TRY(column, in.varint_up_to(columns - 1));
    }
    order.columns[i] = static_cast<std::size_t>(column);
    if (named[order.columns[i]]) return in.error("a column is named twice");
    named[order.columns[i]] = true;
  }
  return order;
}

CellColumn kinds_of(std::span<const Rid> distances) {
  CellColumn kinds;
  for (std::size_t row = 0; row < distances.size(); ++row) {
    if (distances[row] == ReferenceRows::kNoReference) {
      kinds.push_null();
    } else {
      kinds.push_integer(distances[row] > row ? 1 : 0);
    }
  }
  return kinds;
}

std::vector<Rid> distinct_references(std::span<const Rid> references) {
  std::vector<Rid> wanted;
  for (const Rid rid : references) {
    if (rid != ReferenceRows::kNoReference) wanted.push_back(rid);
  }
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  return wanted;
}

Result<std::optional<RowBlock>> reference_rows(std::span<const Rid> references, std::size_t columns,
                                               BaseRows& base) {
  const std::vector<Rid> wanted = distinct_references(references);
  ROOTLET_TRY(const RowBlock found, base.find(wanted));
  if (found.rids != wanted || found.columns.size() != columns) {
    return fail(ErrorCode::kUntrusted, "refers to rows that are not held here");
  }
  RowBlock rows;
  rows.columns.resize(columns);
  std::size_t bytes = 0;
  for (const Rid rid : references) {
    const auto found_at = std::lower_bound(wanted.begin(), wanted.end(), rid);
    const auto row = static_cast<std::size_t>(found_at - wanted.begin());
    for (std::size_t c = 0; c < columns; ++c) {
      if (rid == ReferenceRows::kNoReference) {
        rows.columns[c].push_null();
        continue;
      }
      const CellView cell = found.columns[c].at(row);
      bytes += cell.text.size();
      if (bytes > limits::kBlockBytes) return std::optional<RowBlock>();
      rows.columns[c].push(cell);
    }
  }
  return std::optional<RowBlock>(std::move(rows));
}

namespace {

// Buffers a body that arrives in pieces.
class BodyBuffer {
 public:
  explicit BodyBuffer(const BodySource& source) : source_(source) {}

  // Up to `count` bytes ahead; fewer only at the end of the body.
  Result<ByteView> peek(std::size_t count) {
    while (buffer_.size() - used_ < count && !ended_) {
      buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(used_));
      used_ = 0;
      ROOTLET_TRY(const bool more, source_(buffer_));
      ended_ = !more;
    }
    return ByteView(buffer_).subspan(used_, std::min(count, buffer_.size() - used_));
  }
  void skip(std::size_t count) { used_ += count; }

 private:
  const BodySource& source_;
  Bytes buffer_;
  std::size_t used_ = 0;
  bool ended_ = false;
};

}  // namespace

Status read_blocks(const BodySource& source, const SectionSchema& schema,
                   const std::function<Status(ByteView)>& block) {
  constexpr std::size_t kVarintBytes = 10;
  BodyBuffer buffer(source);
  ROOTLET_TRY(const ByteView print, buffer.peek(SchemaFingerprint().size()));
  const SchemaFingerprint expected = fingerprint(schema);
  if (!std::equal(print.begin(), print.end(), expected.begin(), expected.end())) {
    return fail(ErrorCode::kUntrusted,
                "the pack was made for other columns than the catalogue here names");
  }
  buffer.skip(expected.size());
  for (std::size_t number = 0;; ++number) {
    ROOTLET_TRY(const ByteView start, buffer.peek(kVarintBytes));
    if (start.empty()) return ok();
    const std::string where = "block " + std::to_string(number);
    ByteReader length_reader(start, where);
    ROOTLET_TRY(const std::uint64_t length, length_reader.varint_up_to(kDecodedBlockBytes));
    buffer.skip(length_reader.position());
    ROOTLET_TRY(const ByteView bytes, buffer.peek(static_cast<std::size_t>(length)));
    if (bytes.size() < length) return fail(ErrorCode::kUntrusted, where + ": ends too early");
    Status done = block(bytes);
    if (done.has_error()) return within(where, std::move(done).error());
    buffer.skip(bytes.size());
  }
}

}  // namespace rootlet
