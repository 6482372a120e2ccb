// What must change so that a stream's rows become the rows of a new full state: found by walking
// both sides in the order of their keys. Pure: no file, no clock.
//
// Standing rows (unchanged_rows.hpp) are not among those of the new state: they are told by their
// numbers.
//
// Promises: equal rows are never touched; a new row takes the smallest free number (rid), in the
// order of the keys; a number that a deleted row leaves is free at once. A row whose partition
// changed is a deletion there and an insertion here.
#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "core/ids.hpp"
#include "platform/source/rows/source_table.hpp"

namespace rootlet::platform {

// One row of a stream as it was published last.
struct HeldRow {
  std::string_view key;
  Rid rid = 0;
  std::string_view image;
};
// Gives the stream's rows by key; false at the end. The views hold until the next call.
using HeldRows = std::function<Result<bool>(HeldRow&)>;

struct RowChange {
  Rid rid = 0;
  std::string_view key;
  std::string_view old_image;       // empty for inserts
  std::string_view new_image;       // empty for deletes
  RowFingerprint fingerprint = {};  // of the new row
};

struct Difference {
  std::vector<RowChange> deletes, updates, inserts;  // each by rid
  // Rows that are equal, and were read from another record than before.
  struct Refingerprint {
    Rid rid = 0;
    RowFingerprint fingerprint;
  };
  std::vector<Refingerprint> refingerprinted;
  std::uint64_t rows_before = 0, rows_after = 0;
  bool empty() const { return deletes.empty() && updates.empty() && inserts.empty(); }

  // The rows as they are to be, by number; empty where there is none.
  std::vector<std::string_view> rows;

  TextStore kept;  // what the views of held rows view; those of rows read view the source
};

// `wanted` by key, without the rows whose rid has a line other than 0 in `unchanged`
// (unchanged_rows.hpp). kBadInput if the stream would need more row numbers than there are.
Result<Difference> find_difference(const HeldRows& held, std::span<const SourceRow> wanted,
                                   std::span<const std::uint32_t> unchanged = {});

}  // namespace rootlet::platform
