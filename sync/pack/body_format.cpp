// The frame of a body, shared by the reader that applies it and the one that explains it.
#include <algorithm>

#include "sync/pack/body.hpp"
#include "sync/pack/indexes.hpp"
#include "sync/pack/sizes.hpp"

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
    ROOTLET_TRY(rows.inserts, decode_indexes(in, kMost, limits::kMaxRid, cursor.next_insert));
    rows.insert_count = rows.inserts.size();
  } else {
    ROOTLET_TRY(const std::uint64_t count, in.varint_up_to(kMost));
    rows.insert_count = static_cast<std::size_t>(count);
  }
  ROOTLET_TRY(check_size(in, rows, schema));
  ROOTLET_TRY(check_order(in, rows, cursor));
  return rows;
}

Result<ChangedColumn> decode_changed_column(ByteReader& in, const SectionSchema& schema,
                                            std::size_t updates, std::uint64_t& next_column) {
  ROOTLET_TRY(const std::uint64_t gap_and_all, in.varint_up_to(2 * limits::kColumns));
  const std::uint64_t column = next_column + (gap_and_all >> 1);
  if (column >= schema.columns.size()) return in.error("a changed column does not exist");
  next_column = column + 1;
  ChangedColumn changed{.column = static_cast<std::size_t>(column), .rows = {}};
  if ((gap_and_all & 1) != 0) {
    for (std::uint64_t row = 0; row < updates; ++row) changed.rows.push_back(row);
    return changed;
  }
  std::uint64_t next_row = 0;
  ROOTLET_TRY(changed.rows, decode_indexes(in, updates, updates - 1, next_row));
  if (changed.rows.empty()) return in.error("a changed column changes nothing");
  return changed;
}

void encode_column_order(ByteWriter& out, std::span<const std::size_t> order) {
  const bool natural = std::is_sorted(order.begin(), order.end());
  out.u8(natural ? 0 : 1);
  for (std::size_t i = 0; i < order.size() && !natural; ++i) out.varint(order[i]);
}

Result<std::vector<std::size_t>> decode_column_order(ByteReader& in, std::size_t columns) {
  std::vector<std::size_t> order(columns);
  ROOTLET_TRY(const std::uint8_t listed, in.u8());
  if (listed > 1) return in.error("an unknown order of columns");
  std::vector<bool> named(columns);
  for (std::size_t i = 0; i < columns; ++i) {
    std::uint64_t column = i;
    if (listed == 1) {
      ROOTLET_TRY(column, in.varint_up_to(columns - 1));
    }
    order[i] = static_cast<std::size_t>(column);
    if (named[order[i]]) return in.error("a column is named twice");
    named[order[i]] = true;
  }
  return order;
}

namespace {

// Reads forward in a body that comes in pieces.
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
