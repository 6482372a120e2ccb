// Sealing and opening a section: libsodium's secretstream in chunks of PackSizes::seal_chunk_bytes,
// bound to the identity of pack and section (docs/FORMATS.md, "Pack"). Opened bytes are those that
// the holder of the content key sealed for this very place; the last chunk must say that it is
// last.
#pragma once

#include <sodium.h>

#include <optional>

#include "sync/pack/pack.hpp"

namespace rootlet {

// What the header says of section `section` before anything is sealed, hashed.
Hash256 section_identity(const PackHeader& header, std::size_t section);

// How long `plain_bytes` (at least 1) are once sealed.
std::uint64_t sealed_bytes(std::uint64_t plain_bytes);

Bytes seal_section(const SymmetricKey& content_key, const Hash256& identity, ByteView plain);

// Opens a stored section chunk by chunk. Errors are kUntrusted, and those of the source.
class SectionOpener {
 public:
  SectionOpener(const PackSection& section, const Hash256& identity,
                const SymmetricKey& content_key, const SectionSource& source);

  // The next chunk's plain bytes; empty after the last, when the stored hash has been checked too.
  Result<Bytes> next();

 private:
  Result<Bytes> read_stored(std::size_t count);
  Status start();
  Status check_hash();

  const PackSection& section_;
  Hash256 identity_;
  SymmetricKey key_;
  const SectionSource& source_;
  std::uint64_t left_;  // stored bytes not read yet
  bool started_ = false;
  bool ended_ = false;
  crypto_secretstream_xchacha20poly1305_state state_;
  crypto_generichash_state hash_;
};

}  // namespace rootlet
