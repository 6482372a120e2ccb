// The entropy stage of a section: one byte that names the method, then the body so packed. A
// decoder gives exactly the bytes that the header declares, never one more, in bounded memory.
#pragma once

#include <zstd.h>

#include <memory>

#include "sync/pack/seal.hpp"

namespace rootlet {

enum class Compression : std::uint8_t {
  kStored = 0,    // as it is
  kZstd = 1,      // one Zstandard frame (RFC 8878) without its magic number, window up to 8 MiB
  kModelled = 2,  // not compressed: a modelled body instead (modelled_body.hpp)
};

enum class CompressionKind { kSnapshot, kChange };  // how much time a byte is worth

// Packs `body` by whichever method makes it smaller.
Result<Bytes> compress(ByteView body, CompressionKind kind);

class Decompressor {
 public:
  Decompressor(SectionOpener opener, std::uint64_t raw_bytes);
  ~Decompressor();
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;

  // Comes first. The rest of a modelled body is taken with take(), others with read().
  Result<Compression> start();
  // Appends more of the body to `out`; false at the end, when length, seal and hash were right.
  Result<bool> read(Bytes& out);
  // What was sealed, piece by piece; empty at the end.
  Result<Bytes> take();

 private:
  Result<bool> next_chunk();
  Result<bool> read_stored(Bytes& out);
  Result<bool> read_zstd(Bytes& out);
  Status start_zstd();
  Status count(std::size_t made);
  Result<bool> expect_end();

  SectionOpener opener_;
  std::uint64_t left_;  // of the body
  Compression method_ = Compression::kStored;
  Bytes chunk_;
  std::size_t used_ = 0;  // of chunk_
  ZSTD_DCtx* zstd_ = nullptr;
  bool frame_ended_ = false;
};

}  // namespace rootlet
