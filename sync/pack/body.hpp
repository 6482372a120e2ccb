// The body of a section: what is inside once it is opened and decompressed (docs/FORMATS.md,
// "Section body"). A schema fingerprint, then blocks, each small enough to hold in memory.
#pragma once

#include <array>

#include "sync/pack/pack.hpp"

namespace rootlet {

using SchemaFingerprint = std::array<std::uint8_t, 8>;
SchemaFingerprint fingerprint(const SectionSchema& schema);

// kBadInput if they contradict themselves or each other. `first` is the first section's changes: it
// alone names the deleted and inserted rows.
Status check_changes(const SectionChanges& changes, const SectionChanges& first);

// `first` is the changes of the pack's first section, which may be `changes` itself. kBadInput if
// they contradict themselves or each other (rids, columns, kinds of cells).
Result<Bytes> encode_body(const SectionChanges& changes, const SectionChanges& first);

// Where the lists of rows stand between the blocks of one section.
struct RowCursor {
  Rid next_delete = 0, next_update = 0, next_insert = 0;  // smallest rid that may come
  std::uint64_t deletes = 0, updates = 0, inserts = 0;    // so far
};

// The rows that one block speaks of. In sections after the first the rids of deletes and inserts
// are left empty and only their counts are known.
struct BlockRows {
  std::size_t delete_count = 0, insert_count = 0;
  std::vector<Rid> deletes, updates, inserts;
};

// The start of a block; refuses rows out of order, over the limits, or none at all.
Result<BlockRows> decode_block_rows(ByteReader& in, const SectionSchema& schema, bool first_section,
                                    RowCursor& cursor);

// One changed column of a block's updates: which column, and which of the updated rows change it.
struct ChangedColumn {
  std::size_t column = 0;
  std::vector<std::uint64_t> rows;  // positions among the block's updates
};
// `next_column` is the smallest column that may come.
Result<ChangedColumn> decode_changed_column(ByteReader& in, const SectionSchema& schema,
                                            std::size_t updates, std::uint64_t& next_column);

// The order in which the columns of inserted rows are told: each of them once.
void encode_column_order(ByteWriter& out, std::span<const std::size_t> order);
Result<std::vector<std::size_t>> decode_column_order(ByteReader& in, std::size_t columns);

// Gives more of the body, appended to `buffer`; false at the end.
using BodySource = std::function<Result<bool>(Bytes& buffer)>;

// Takes the body apart: the fingerprint must be that of `schema`; then calls `block` with each.
Status read_blocks(const BodySource& source, const SectionSchema& schema,
                   const std::function<Status(ByteView)>& block);

// Decodes every block and hands its rows to `sink`; see read_pack_section().
Status decode_body(const BodySource& source, const SectionSchema& schema, bool first_section,
                   BaseRows& base, RowLists& lists, ChangeSink& sink);

}  // namespace rootlet
