// The changes that turn a stream's rows into the rows of a new full state. Walks both in the order
// of their keys. Pure: no file, no clock.
//
// The new state leaves out unchanged rows (unchanged_rows.hpp): their numbers identify them.
//
// Promises: equal rows are never touched; new rows take the smallest free numbers (rids) in the
// order of their keys; the number of a deleted row is free at once. A row that moved to another
// partition is deleted there and inserted here.
#pragma once

#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/ids.hpp"
#include "platform/source/rows/source_table.hpp"

namespace rootlet::platform {

// One row of a stream's last version.
struct HeldRow {
  std::string_view key;
  Rid rid = 0;
  std::string_view image;
};
// Yields a stream's rows ordered by key; false at the end. The views are valid until the next call.
using HeldRows = std::function<Result<bool>(HeldRow&)>;

struct RowChange {
  Rid rid = 0;
  std::string_view key;
  std::string_view old_image;       // empty for inserts
  std::string_view new_image;       // empty for deletes
  RowFingerprint fingerprint = {};  // of the new row
};

// Keys of rows that stay as they are although the new state lacks them.
using KeptKeys = std::set<std::string, std::less<>>;

// The keys that a list of changes names; rows of all others stay as they are. True: the list
// deletes the row. The views are those of the list.
using NamedKeys = std::unordered_map<std::string_view, bool>;

struct Difference {
  std::vector<RowChange> deletes, updates, inserts;  // each ascending by rid
  // Equal rows whose bytes in the source file differ from before.
  struct Refingerprint {
    Rid rid = 0;
    RowFingerprint fingerprint;
  };
  std::vector<Refingerprint> refingerprinted;
  std::uint64_t rows_before = 0, rows_after = 0;
  bool empty() const { return deletes.empty() && updates.empty() && inserts.empty(); }

  // The images of the new version's rows, by rid; empty where there is no row.
  std::vector<std::string_view> rows;

  TextStore kept;  // owns the text of held rows; views of new rows point into the source
};

// `wanted` is ordered by key and lacks unchanged rows: those whose rid has a line number other than
// 0 in `unchanged` (unchanged_rows.hpp), those of `kept_keys`, and, if `named_keys` is given, all
// others than those. The result views `wanted`.
// kBadInput if the stream would need a rid above limits::kMaxRid.
Result<Difference> find_difference(const HeldRows& held, std::span<const SourceRow> wanted,
                                   std::span<const std::uint32_t> unchanged = {},
                                   const KeptKeys& kept_keys = {},
                                   const NamedKeys* named_keys = nullptr);

// All rows as they are, nothing changed.
Result<Difference> no_difference(const HeldRows& held);

}  // namespace rootlet::platform
