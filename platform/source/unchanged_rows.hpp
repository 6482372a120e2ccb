// Rows that stand as they stood: their rows are in the new file as they were in the last, to the
// byte, and need not be split, checked or compared. Filled from the fingerprints of the last; then
// every row of the new file is asked for.
//
// It is only ever a short-cut: with no fingerprints every row is read, and the result is the
// same.
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
  // The fingerprints of a stream's rows from `first` on, RowFingerprints one behind the other; one
  // whose row is zero is none. All of a stream together and ascending, all streams before any
  // row is taken.
  void add(std::int64_t stream, Rid first, ByteView fingerprints);

  // Fills in `is_unchanged`: once for each row, so that a row that stands twice in the file is
  // read, and found to be double.
  void take(std::span<ScannedRow> rows);

  // For each rid of a stream the line where it stands as it was, 0 where it does not.
  std::span<const std::uint32_t> lines(std::int64_t stream) const;
  std::uint64_t taken() const { return taken_; }  // rows
  // The key's fingerprint and the line of each.
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
