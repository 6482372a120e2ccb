// Seals and opens sections with libsodium's secretstream, in chunks of PackSizes::seal_chunk_bytes
// bound to the identity of pack and section (docs/FORMATS.md, "A stored section"). Opened bytes are
// what the holder of the content key sealed for this place. The last chunk must be marked as last,
// so nothing can be cut off. One thread.
#pragma once

#include <sodium.h>

#include <optional>

#include "sync/pack/pack.hpp"

namespace rootlet {

// The hash of everything that the header says about section `section` before it is sealed.
Hash256 section_identity(const PackHeader& header, std::size_t section);

// The length of `plain_bytes` (at least 1) once sealed.
std::uint64_t sealed_bytes(std::uint64_t plain_bytes);

Bytes seal_section(const SymmetricKey& content_key, const Hash256& identity, ByteView plain);

// Opens a stored section chunk by chunk. Errors are kUntrusted, and those of the source. The caller
// keeps `section` and `source` alive.
class SectionOpener {
 public:
  SectionOpener(const PackSection& section, const Hash256& identity,
                const SymmetricKey& content_key, const SectionSource& source);

  // The next chunk's plain bytes; empty after the last, once the stored hash has been checked.
  Result<Bytes> next();

 private:
  Result<Bytes> read_stored(std::size_t count);
  Status start();
  Status check_hash();

  const PackSection& section_;
  Hash256 identity_;
  SymmetricKey key_;
  const SectionSource& source_;
  std::uint64_t left_;  // stored bytes not yet read
  bool started_ = false;
  bool ended_ = false;
  crypto_secretstream_xchacha20poly1305_state state_;
  crypto_generichash_state hash_;
};

}  // namespace rootlet
