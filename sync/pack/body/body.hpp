// The body of a section: what is inside once it is opened and decompressed (docs/FORMATS.md,
// "Section body"). A schema fingerprint, then blocks, each small enough to hold in memory.
#pragma once

#include <algorithm>
#include <array>

#include "sync/pack/coding/block_cells.hpp"
#include "sync/pack/table/change.hpp"

namespace rootlet {

using SchemaFingerprint = std::array<std::uint8_t, 8>;
SchemaFingerprint fingerprint(const SectionSchema& schema);

// kBadInput if they contradict themselves or each other. `first` is the first section's changes: it
// alone names the deleted and inserted rows.
Status check_changes(const SectionChanges& changes, const SectionChanges& first);

// Rows of the base that new rows resemble, one for each new row, or kNoReference; none at all if
// empty.
struct ReferenceRows {
  static constexpr Rid kNoReference = UINT64_MAX;
  std::vector<Rid> rids = {};
  BaseRows* base = nullptr;  // not needed without rids
};

// `first` is the changes of the pack's first section, which may be `changes` itself. kBadInput if
// they contradict themselves or each other (rids, columns, kinds of cells); and errors of the base.
Result<Bytes> encode_body(const SectionChanges& changes, const SectionChanges& first,
                          const ReferenceRows& references = {});

// The rows that are someone's references: ascending, each once.
std::vector<Rid> distinct_references(std::span<const Rid> references);
// What new rows are told against: the rows of `base` that are `references`, nulls for those that
// have none. nullopt if they hold more text than a block may; kUntrusted if `base` lacks one.
Result<std::optional<RowBlock>> reference_rows(std::span<const Rid> references, std::size_t columns,
                                               BaseRows& base);

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

// Which cells of a column are told; the others are as the old ones. The numbers are the format.
enum class CellChoice : std::uint8_t { kListed = 0, kAll = 1, kMarked = 2, kNone = 3 };
struct ExplicitColumn {
  std::size_t column = 0;
  CellChoice choice = CellChoice::kAll;
};
// The next changed column of a block's updates; `next_column` is the smallest that may come.
Result<ExplicitColumn> decode_changed_column(ByteReader& in, const SectionSchema& schema,
                                             std::uint64_t& next_column);
// The rows of a block whose cells are told; `cells` may be null if `in` is only shown.
Result<std::vector<std::uint32_t>> decode_explicit_rows(ByteReader& in, CellChoice choice,
                                                        std::size_t rows, BlockCells* cells);

// How references are told: as a column of row numbers, null for a row that has none.
inline const ColumnSpec kReferenceColumn{.name = "", .type = ColumnType::kInteger};

// The order in which the columns of inserted rows are told: each of them once.
struct InsertOrder {
  std::vector<std::size_t> columns;
  bool with_references = false;
};
void encode_insert_order(ByteWriter& out, const InsertOrder& order);
Result<InsertOrder> decode_insert_order(ByteReader& in, std::size_t columns);

// Gives more of the body, appended to `buffer`; false at the end.
using BodySource = std::function<Result<bool>(Bytes& buffer)>;

// Takes the body apart: the fingerprint must be that of `schema`; then calls `block` with each.
Status read_blocks(const BodySource& source, const SectionSchema& schema,
                   const std::function<Status(ByteView)>& block);

// Decodes every block and hands its rows to `sink`; see read_pack_section().
Status decode_body(const BodySource& source, const SectionSchema& schema, bool first_section,
                   BaseRows& base, RowLists& lists, ChangeSink& sink);

}  // namespace rootlet
