// The body of a section, opened and decompressed (docs/FORMATS.md, "Section body"): a schema
// fingerprint, then blocks, each small enough to hold in memory. Decoders return kUntrusted for
// malformed bytes. One thread.
#pragma once

#include <algorithm>
#include <array>
#include <optional>

#include "sync/pack/body/learned_plans.hpp"
#include "sync/pack/coding/block_cells.hpp"
#include "sync/pack/table/change.hpp"

namespace rootlet {

using SchemaFingerprint = std::array<std::uint8_t, 8>;
SchemaFingerprint fingerprint(const SectionSchema& schema);

// kBadInput if the changes contradict themselves or each other. `first` is the first section's
// changes, which alone name deletes and the rids of inserts.
Status check_changes(const SectionChanges& changes, const SectionChanges& first);

// For each new row the row of the base that it resembles, or kNoReference. Empty: no row has one.
struct ReferenceRows {
  static constexpr Rid kNoReference = UINT64_MAX;
  std::vector<Rid> rids = {};
  BaseRows* base = nullptr;  // not owned; may be null without rids
};

// Where an encoder starts, and where it leaves what it learned; null: nowhere.
struct PlanExchange {
  const SectionPlans* start = nullptr;
  SectionPlans* learned = nullptr;
};

// `first` is the changes of the pack's first section, which may be `changes` itself. kBadInput if
// they contradict themselves or each other (rids, columns, kinds of cells); otherwise the errors of
// the base. Uses more threads while it encodes a snapshot of several blocks.
Result<Bytes> encode_body(const SectionChanges& changes, const SectionChanges& first,
                          const ReferenceRows& references = {}, const PlanExchange& plans = {});

// For each row of a block with references to earlier rows, what its distance says: null for none, 0
// for a row of the same block, 1 for one of another. Contexts may use it as one more column.
CellColumn kinds_of(std::span<const Rid> distances);

// The rows that are references: ascending, distinct.
std::vector<Rid> distinct_references(std::span<const Rid> references);
// For each of `references` the row of `base`; nulls for kNoReference. nullopt if the rows have more
// text than a block may have; kUntrusted if `base` lacks one.
Result<std::optional<RowBlock>> reference_rows(std::span<const Rid> references, std::size_t columns,
                                               BaseRows& base);

// How far a section's lists of rows have come, between blocks.
struct RowCursor {
  Rid next_delete = 0, next_update = 0, next_insert = 0;  // the smallest rid that may come
  std::uint64_t deletes = 0, updates = 0, inserts = 0;    // so far
};

// The rows of one block. In sections after the first the rids of deletes and inserts are empty and
// only the counts are known.
struct BlockRows {
  std::size_t delete_count = 0, insert_count = 0;
  std::vector<Rid> deletes, updates, inserts;
};

// The start of a block. Rejects rows out of order, blocks over the limits, and empty blocks.
Result<BlockRows> decode_block_rows(ByteReader& in, const SectionSchema& schema, bool first_section,
                                    RowCursor& cursor);

// Which cells of a column are written; the others equal the old ones. The values are part of the
// format.
enum class CellChoice : std::uint8_t { kListed = 0, kAll = 1, kMarked = 2, kNone = 3 };
struct ExplicitColumn {
  std::size_t column = 0;
  CellChoice choice = CellChoice::kAll;
};
// The next changed column of a block's updates; `next_column` is the smallest that may come.
Result<ExplicitColumn> decode_changed_column(ByteReader& in, const SectionSchema& schema,
                                             std::uint64_t& next_column);
// The rows of a block whose cells are written. `cells` may be null if the block is only shown.
Result<std::vector<std::uint32_t>> decode_explicit_rows(ByteReader& in, CellChoice choice,
                                                        std::size_t rows, BlockCells* cells);

// References are coded as a column of row numbers, null for a row without one.
inline const ColumnSpec kReferenceColumn{.name = "", .type = ColumnType::kInteger};

// How inserted rows are coded: the order of the columns, a permutation, and what their references
// are.
struct InsertOrder {
  std::vector<std::size_t> columns;
  bool with_references = false;
  bool to_earlier_rows = false;  // they say how many new rows before, instead of a rid
  bool is_kept = false;          // later blocks may refer to these rows
};
void encode_insert_order(ByteWriter& out, const InsertOrder& order);
Result<InsertOrder> decode_insert_order(ByteReader& in, std::size_t columns);

// Appends more of the body to `buffer`; false at the end.
using BodySource = std::function<Result<bool>(Bytes& buffer)>;

// Checks that the fingerprint is that of `schema`, then calls `block` with each block. Stops at the
// first error and returns it.
Status read_blocks(const BodySource& source, const SectionSchema& schema,
                   const std::function<Status(ByteView)>& block);

// Decodes all blocks and passes their rows to `sink`; parameters as in read_pack_section(). What
// the sink has taken counts only if this returns ok.
Status decode_body(const BodySource& source, const SectionSchema& schema, bool first_section,
                   BaseRows& base, RowLists& lists, ChangeSink& sink);

}  // namespace rootlet
