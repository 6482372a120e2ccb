// Finds the rows of a new file whose text is, to the byte, that of the last publish. They are not
// split, checked or compared. Filled with the fingerprints of the last publish, then asked about
// every row of the new file.
//
// It is only a short-cut: without fingerprints every row is read, with the same result (ADR 9).
#pragma once

#include <functional>
#include <map>
#include <span>
#include <vector>

#include "core/ids.hpp"
#include "platform/source/row_scanner.hpp"

namespace rootlet::platform {

class UnchangedRows {
 public:
  // Adds the fingerprints of a stream's rows from rid `first` on: an array of RowFingerprint, in
  // which a zero `text` means none. A stream's blocks come together, ascending by rid; all streams
  // come before the first take().
  void add(std::int64_t stream, Rid first, ByteView fingerprints);

  // Sets `is_unchanged` in each of `rows`. Only the first of two equal rows of a file is unchanged,
  // so the second is read and reported as a duplicate key.
  void take(std::span<ScannedRow> rows);

  // For each rid of a stream the line of its unchanged row, or 0.
  std::span<const std::uint32_t> lines(std::int64_t stream) const;
  std::uint64_t taken() const { return taken_; }  // rows
  // Calls `visit` with the key's fingerprint and the line of each unchanged row.
  void visit_taken(const std::function<void(std::uint64_t key, std::uint32_t line)>& visit) const;

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t row = kNone;
  };
  struct Range {
    std::size_t begin = 0, end = 0;
  };
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;
  void build_slots();
  std::size_t place_of(const ShortHash& fingerprint) const;
  std::uint32_t find(const ShortHash& fingerprint) const;

  std::vector<RowFingerprint> fingerprints_;  // of all streams, one behind the other
  std::map<std::int64_t, Range> streams_;
  std::vector<std::uint32_t> lines_;  // as fingerprints_, once rows are taken
  std::uint64_t taken_ = 0;
  std::vector<Slot> slots_;  // open addressing, half empty at least
};

}  // namespace rootlet::platform
