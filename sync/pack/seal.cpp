// Seals sections with libsodium's secretstream, XChaCha20-Poly1305 (docs/FORMATS.md, "A stored
// section"). Every chunk but the last is full, so the stored length alone determines where chunks
// are.
#include "sync/pack/seal.hpp"

#include <algorithm>

#include "sync/pack/coding/sizes.hpp"

namespace rootlet {
namespace {

constexpr std::size_t kStreamHeaderBytes = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
constexpr std::size_t kTagBytes = crypto_secretstream_xchacha20poly1305_ABYTES;

// Derived, so that digests and seals never share a key.
SymmetricKey seal_key(const SymmetricKey& content_key) {
  const Hash256 derived = blake2b_keyed(content_key, as_bytes("rootlet section v1"));
  SymmetricKey key;
  std::copy(derived.begin(), derived.end(), key.expose_mutable().begin());
  return key;
}

}  // namespace

Hash256 section_identity(const PackHeader& header, std::size_t section) {
  const PackSection& one = header.sections[section];
  ByteWriter out;
  out.sized(as_bytes("rootlet section v1"));
  out.u8(header.suite);
  out.sized(as_bytes(header.stream.text()));
  out.varint(header.from);
  out.varint(header.to);
  out.varint(header.epoch);
  out.varint(section);
  out.varint(header.sections.size());
  out.u8(one.grade);
  out.varint(one.raw_bytes);
  out.raw(one.before);
  out.raw(one.after);
  return blake2b(out.view());
}

std::uint64_t sealed_bytes(std::uint64_t plain_bytes) {
  const std::uint64_t chunk = pack_sizes().seal_chunk_bytes;
  return kStreamHeaderBytes + plain_bytes + kTagBytes * ((plain_bytes + chunk - 1) / chunk);
}

Bytes seal_section(const SymmetricKey& content_key, const Hash256& identity, ByteView plain) {
  const SymmetricKey key = seal_key(content_key);
  crypto_secretstream_xchacha20poly1305_state state;
  Bytes out(static_cast<std::size_t>(sealed_bytes(plain.size())));
  crypto_secretstream_xchacha20poly1305_init_push(&state, out.data(), key.expose().data());
  std::size_t at = kStreamHeaderBytes;
  while (!plain.empty()) {
    const std::size_t count = std::min(plain.size(), pack_sizes().seal_chunk_bytes);
    const unsigned char tag = count == plain.size()
                                  ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
                                  : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
    crypto_secretstream_xchacha20poly1305_push(&state, out.data() + at, nullptr, plain.data(),
                                               count, identity.data(), identity.size(), tag);
    at += count + kTagBytes;
    plain = plain.subspan(count);
  }
  sodium_memzero(&state, sizeof state);
  return out;
}

SectionOpener::SectionOpener(const PackSection& section, const Hash256& identity,
                             const SymmetricKey& content_key, const SectionSource& source)
    : section_(section),
      identity_(identity),
      key_(seal_key(content_key)),
      source_(source),
      left_(section.stored_bytes) {
  crypto_generichash_init(&hash_, nullptr, 0, Hash256().size());
}

// Exactly `count` stored bytes, counted and hashed.
Result<Bytes> SectionOpener::read_stored(std::size_t count) {
  Bytes out;
  while (out.size() < count) {
    ROOTLET_TRY(const Bytes piece, source_(count - out.size()));
    if (piece.empty()) return fail(ErrorCode::kUntrusted, "the file ends too early");
    if (piece.size() > count - out.size()) {
      return fail(ErrorCode::kInternal, "a source gave more bytes than requested");
    }
    out.insert(out.end(), piece.begin(), piece.end());
  }
  left_ -= count;
  crypto_generichash_update(&hash_, out.data(), out.size());
  return out;
}

Status SectionOpener::start() {
  started_ = true;
  if (left_ < kStreamHeaderBytes) return fail(ErrorCode::kUntrusted, "is too short to be sealed");
  ROOTLET_TRY(const Bytes header, read_stored(kStreamHeaderBytes));
  if (crypto_secretstream_xchacha20poly1305_init_pull(&state_, header.data(),
                                                      key_.expose().data()) != 0) {
    return fail(ErrorCode::kUntrusted, "does not authenticate");
  }
  return ok();
}

Status SectionOpener::check_hash() {
  Hash256 hash;
  crypto_generichash_final(&hash_, hash.data(), hash.size());
  if (start_of<16>(hash) != section_.hash) {
    return fail(ErrorCode::kUntrusted, "is not the file that the header names");
  }
  return ok();
}

Result<Bytes> SectionOpener::next() {
  if (ended_) return Bytes();
  if (!started_) {
    ROOTLET_TRY(start());
  }
  const std::uint64_t chunk = pack_sizes().seal_chunk_bytes + kTagBytes;
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(chunk, left_));
  if (count <= kTagBytes) return fail(ErrorCode::kUntrusted, "ends without its last chunk");
  ROOTLET_TRY(const Bytes sealed, read_stored(count));
  Bytes plain(count - kTagBytes);
  unsigned char tag = 0;
  const int failed = crypto_secretstream_xchacha20poly1305_pull(&state_, plain.data(), nullptr,
                                                                &tag, sealed.data(), sealed.size(),
                                                                identity_.data(), identity_.size());
  if (failed != 0) return fail(ErrorCode::kUntrusted, "does not authenticate");
  ended_ = left_ == 0;
  const unsigned char expected = ended_ ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
                                        : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
  if (tag != expected) return fail(ErrorCode::kUntrusted, "has its last chunk in the wrong place");
  if (ended_) {
    ROOTLET_TRY(check_hash());
  }
  return plain;
}

}  // namespace rootlet
