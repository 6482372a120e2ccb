// All cryptographic primitives of this program, from libsodium: Ed25519 signatures, X25519 sealed
// boxes, XChaCha20-Poly1305, BLAKE2b, SipHash, Argon2id, and SHA-256 for TUF. main() must call
// initialise_crypto() first.
#pragma once

#include <string_view>

#include "core/bytes.hpp"
#include "core/secret.hpp"

namespace rootlet {

using PublicKey = std::array<std::uint8_t, 32>;  // Ed25519: verifies signatures
using Signature = std::array<std::uint8_t, 64>;

// An X25519 public key that a box can be sealed to: no value of this type is of small order, so
// sealing cannot fail.
class SealingPublicKey {
 public:
  // Nobody's key: its secret is not known, so nobody opens what is sealed to it.
  SealingPublicKey() = default;
  // kBadInput unless `bytes` are 32 bytes, canonical (RFC 7748) and not of small order.
  static Result<SealingPublicKey> from(ByteView bytes);

  const std::uint8_t* data() const { return bytes_.data(); }
  std::size_t size() const { return bytes_.size(); }
  const std::uint8_t* begin() const { return data(); }
  const std::uint8_t* end() const { return data() + size(); }
  bool operator==(const SealingPublicKey&) const = default;

 private:
  friend struct SealingKey;
  std::array<std::uint8_t, 32> bytes_{'r', 'o', 'o', 't', 'l', 'e', 't', ':', ' ', 's', 'e',
                                      'a', 'l', 'e', 'd', ' ', 't', 'o', ' ', 'n', 'o', 'b',
                                      'o', 'd', 'y', ' ', 'a', 't', ' ', 'a', 'l', 'l'};
};

struct SigningKey {
  PublicKey public_key{};
  Secret<64> secret;
  static SigningKey generate();
  // The key pair of a 32-byte seed (RFC 8032).
  static SigningKey from_seed(const SymmetricKey& seed);
  SymmetricKey seed() const;
};

struct SealingKey {
  SealingPublicKey public_key;
  SymmetricKey secret;
  static SealingKey generate();
  static Result<SealingKey> from_secret(SymmetricKey secret);
};

void initialise_crypto();  // aborts if libsodium cannot start

Hash256 sha256(ByteView bytes);
Hash256 blake2b(ByteView bytes);
Hash256 blake2b_keyed(const SymmetricKey& key, ByteView bytes);
Bytes random_bytes(std::size_t count);

// SipHash-2-4 under a secret key, of 16 and of 8 bytes: for hash tables and fingerprints of our
// own, where nobody without the key can construct a collision. Several times as fast as BLAKE2b on
// short texts. Not for signatures or anything that another machine checks.
using ShortKey = Secret<16>;
using ShortHash = std::array<std::uint8_t, 16>;
ShortHash short_hash(const ShortKey& key, ByteView bytes);
std::uint64_t shorter_hash(const ShortKey& key, ByteView bytes);

// Ed25519 over `domain` 0x00 `message`: a signature for one domain is never valid for another.
Signature sign(const SigningKey& key, std::string_view domain, ByteView message);
bool verify(const PublicKey& key, std::string_view domain, ByteView message, ByteView signature);

// X25519 sealed box: only the holder of the secret key opens it. It does not show who sealed it.
Bytes seal(const SealingPublicKey& recipient, ByteView message);
Result<Bytes> open_sealed(const SealingKey& recipient, ByteView sealed);  // kUntrusted

// XChaCha20-Poly1305 with a random nonce in front, for keys that are kept in files.
Bytes wrap(const SymmetricKey& key, std::string_view domain, ByteView message);
Result<Bytes> unwrap(const SymmetricKey& key, std::string_view domain, ByteView box);  // kUntrusted

// Argon2id with libsodium's interactive cost; the salt has 16 bytes (else kBadInput).
Result<SymmetricKey> key_from_passphrase(std::string_view passphrase, ByteView salt);

// An Ed25519 public key from outside. kBadInput unless `bytes` are 32 bytes that encode, in the
// canonical way, a point of the main subgroup (so not one of small order).
Result<PublicKey> public_key_from(ByteView bytes);

}  // namespace rootlet
