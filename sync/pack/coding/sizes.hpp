// The sizes that cut a section into blocks and sealed chunks, and bound the rows that a reader
// keeps. Tests shrink them, so that boundaries meet ordinary data; programs never do. Not
// thread-safe: set them only while no other thread builds or reads a pack.
#pragma once

#include <cstddef>

#include "core/limits.hpp"

namespace rootlet {

// A month of a county's log, as cells; an office of little memory can spare it while it takes a
// snapshot.
inline constexpr std::size_t kKeptRowsBytes = 24 * limits::kMiB;

struct PackSizes {
  std::size_t seal_chunk_bytes = limits::kSealChunkBytes;  // both ends must agree
  std::size_t block_rows = limits::kBlockRows;             // the writer's choice
  std::size_t block_bytes = limits::kBlockBytes;
  std::size_t kept_bytes = kKeptRowsBytes;  // of earlier rows; both ends must agree
};

const PackSizes& pack_sizes();

// The largest decoded block that a reader accepts: the writer's bound and one row of the widest
// kind.
inline constexpr std::size_t kDecodedBlockBytes =
    limits::kBlockBytes + limits::kColumns * limits::kCellBytes;
inline constexpr std::size_t kCellOverheadBytes = 16;  // a cell in memory, without its text

class ScopedPackSizes {
 public:
  explicit ScopedPackSizes(const PackSizes& sizes);
  ~ScopedPackSizes();
  ScopedPackSizes(const ScopedPackSizes&) = delete;
  ScopedPackSizes& operator=(const ScopedPackSizes&) = delete;

 private:
  PackSizes before_;
};

}  // namespace rootlet
