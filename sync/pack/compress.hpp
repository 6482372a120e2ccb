// Compression of a section: one byte for the method, then the body (docs/FORMATS.md, "A stored
// section"). A decompressor produces exactly the bytes that the header declares, in bounded memory.
// Errors while reading are kUntrusted, and those of the source. One thread.
#pragma once

#include <zstd.h>

#include <memory>

#include "sync/pack/seal.hpp"

namespace rootlet {

enum class Compression : std::uint8_t {
  kStored = 0,    // uncompressed
  kZstd = 1,      // one Zstandard frame (RFC 8878) without its magic number, window up to 8 MiB
  kModelled = 2,  // a modelled body (modelled_body.hpp) instead
};

enum class CompressionKind { kSnapshot, kChange };  // how much time a saved byte may cost

// The method byte and `body`, compressed if that is smaller. kInternal without memory.
Result<Bytes> compress(ByteView body, CompressionKind kind);

class Decompressor {
 public:
  Decompressor(SectionOpener opener, std::uint64_t raw_bytes);
  ~Decompressor();
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;

  // Call first. Then read a modelled body with take(), any other with read().
  Result<Compression> start();
  // Appends more of the body to `out`; false at the end, after checking length, seal and hash.
  Result<bool> read(Bytes& out);
  // The next piece of the opened section as it is; empty at the end.
  Result<Bytes> take();

 private:
  Result<bool> next_chunk();
  Result<bool> read_stored(Bytes& out);
  Result<bool> read_zstd(Bytes& out);
  Status start_zstd();
  Status count(std::size_t made);
  Result<bool> expect_end();

  SectionOpener opener_;
  std::uint64_t left_;  // bytes of the body still to come
  Compression method_ = Compression::kStored;
  Bytes chunk_;
  std::size_t used_ = 0;  // of chunk_
  ZSTD_DCtx* zstd_ = nullptr;
  bool frame_ended_ = false;
};

}  // namespace rootlet
