// Thin calls of libsodium. The forms of signed and sealed bytes are in docs/FORMATS.md.
#include "core/crypto.hpp"

#include <algorithm>
#include <cstdlib>

namespace rootlet {
namespace {

Bytes with_domain(std::string_view domain, ByteView message) {
  Bytes all;
  all.reserve(domain.size() + 1 + message.size());
  all.insert(all.end(), domain.begin(), domain.end());
  all.push_back(0);
  all.insert(all.end(), message.begin(), message.end());
  return all;
}

// Whether 32 bytes, little-endian, are less than 2^255 - 19: each field element then has one form.
bool is_below_25519_prime(ByteView bytes) {
  const bool middle_is_full = std::all_of(bytes.begin() + 1, bytes.end() - 1,
                                          [](std::uint8_t byte) { return byte == 0xff; });
  if (bytes.back() < 0x7f) return true;
  return bytes.back() == 0x7f && (!middle_is_full || bytes.front() < 0xed);
}

// The product of such a point with any clamped scalar is zero, which libsodium reports.
bool is_of_small_order(ByteView bytes) {
  constexpr std::uint8_t kAnyScalar[crypto_scalarmult_SCALARBYTES] = {8};
  std::uint8_t product[crypto_scalarmult_BYTES];
  return crypto_scalarmult(product, kAnyScalar, bytes.data()) != 0;
}

}  // namespace

void initialise_crypto() {
  if (sodium_init() < 0) std::abort();
}

SigningKey SigningKey::generate() {
  return from_seed(SymmetricKey::random());
}

SigningKey SigningKey::from_seed(const SymmetricKey& seed) {
  SigningKey key;
  crypto_sign_seed_keypair(key.public_key.data(), key.secret.expose_mutable().data(),
                           seed.expose().data());
  return key;
}

SymmetricKey SigningKey::seed() const {
  SymmetricKey seed;
  crypto_sign_ed25519_sk_to_seed(seed.expose_mutable().data(), secret.expose().data());
  return seed;
}

Result<SealingPublicKey> SealingPublicKey::from(ByteView bytes) {
  SealingPublicKey key;
  if (bytes.size() != key.size()) return bad_input("an X25519 public key has 32 bytes", "key");
  std::copy(bytes.begin(), bytes.end(), key.bytes_.begin());
  if (!is_below_25519_prime(bytes) || is_of_small_order(bytes)) {
    return bad_input("not an X25519 public key that anything can be sealed to", "key");
  }
  return key;
}

SealingKey SealingKey::generate() {
  SealingKey key;
  crypto_box_keypair(key.public_key.bytes_.data(), key.secret.expose_mutable().data());
  return key;
}

Result<SealingKey> SealingKey::from_secret(SymmetricKey secret) {
  SealingKey key;
  key.secret = std::move(secret);
  if (crypto_scalarmult_base(key.public_key.bytes_.data(), key.secret.expose().data()) != 0) {
    return bad_input("not an X25519 secret key", "key");
  }
  return key;
}

Hash256 sha256(ByteView bytes) {
  Hash256 hash;
  crypto_hash_sha256(hash.data(), bytes.data(), bytes.size());
  return hash;
}

Hash256 blake2b(ByteView bytes) {
  Hash256 hash;
  crypto_generichash(hash.data(), hash.size(), bytes.data(), bytes.size(), nullptr, 0);
  return hash;
}

Hash256 blake2b_keyed(const SymmetricKey& key, ByteView bytes) {
  Hash256 hash;
  crypto_generichash(hash.data(), hash.size(), bytes.data(), bytes.size(), key.expose().data(),
                     key.expose().size());
  return hash;
}

ShortHash short_hash(const ShortKey& key, ByteView bytes) {
  ShortHash hash;
  static_assert(hash.size() == crypto_shorthash_siphashx24_BYTES);
  crypto_shorthash_siphashx24(hash.data(), bytes.data(), bytes.size(), key.expose().data());
  return hash;
}

std::uint64_t shorter_hash(const ShortKey& key, ByteView bytes) {
  std::uint64_t hash = 0;
  static_assert(sizeof hash == crypto_shorthash_siphash24_BYTES);
  crypto_shorthash_siphash24(reinterpret_cast<unsigned char*>(&hash), bytes.data(), bytes.size(),
                             key.expose().data());
  return hash;
}

Bytes random_bytes(std::size_t count) {
  Bytes bytes(count);
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

Signature sign(const SigningKey& key, std::string_view domain, ByteView message) {
  const Bytes all = with_domain(domain, message);
  Signature signature;
  crypto_sign_detached(signature.data(), nullptr, all.data(), all.size(),
                       key.secret.expose().data());
  return signature;
}

bool verify(const PublicKey& key, std::string_view domain, ByteView message, ByteView signature) {
  if (signature.size() != crypto_sign_BYTES) return false;
  const Bytes all = with_domain(domain, message);
  return crypto_sign_verify_detached(signature.data(), all.data(), all.size(), key.data()) == 0;
}

Bytes seal(const SealingPublicKey& recipient, ByteView message) {
  Bytes sealed(message.size() + crypto_box_SEALBYTES);
  if (crypto_box_seal(sealed.data(), message.data(), message.size(), recipient.data()) != 0) {
    std::abort();  // only for a key of small order, which SealingPublicKey cannot hold
  }
  return sealed;
}

Result<Bytes> open_sealed(const SealingKey& recipient, ByteView sealed) {
  if (sealed.size() < crypto_box_SEALBYTES) {
    return fail(ErrorCode::kUntrusted, "a sealed box is too short");
  }
  Bytes message(sealed.size() - crypto_box_SEALBYTES);
  if (crypto_box_seal_open(message.data(), sealed.data(), sealed.size(),
                           recipient.public_key.data(), recipient.secret.expose().data()) != 0) {
    return fail(ErrorCode::kUntrusted, "a sealed box does not open with this key");
  }
  return message;
}

Bytes wrap(const SymmetricKey& key, std::string_view domain, ByteView message) {
  constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
  Bytes box = random_bytes(kNonce);
  box.resize(kNonce + message.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES);
  crypto_aead_xchacha20poly1305_ietf_encrypt(box.data() + kNonce, nullptr, message.data(),
                                             message.size(), as_bytes(domain).data(), domain.size(),
                                             nullptr, box.data(), key.expose().data());
  return box;
}

Result<Bytes> unwrap(const SymmetricKey& key, std::string_view domain, ByteView box) {
  constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
  constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
  if (box.size() < kNonce + kTag) return fail(ErrorCode::kUntrusted, "a key box is too short");
  Bytes message(box.size() - kNonce - kTag);
  const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
      message.data(), nullptr, nullptr, box.data() + kNonce, box.size() - kNonce,
      as_bytes(domain).data(), domain.size(), box.data(), key.expose().data());
  if (failed != 0) return fail(ErrorCode::kUntrusted, "a key box does not open with this key");
  return message;
}

Result<SymmetricKey> key_from_passphrase(std::string_view passphrase, ByteView salt) {
  if (salt.size() != crypto_pwhash_SALTBYTES) return bad_input("a salt has 16 bytes", "salt");
  SymmetricKey key;
  const int failed =
      crypto_pwhash(key.expose_mutable().data(), key.expose().size(), passphrase.data(),
                    passphrase.size(), salt.data(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                    crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13);
  if (failed != 0) return fail(ErrorCode::kInternal, "no memory to derive a key");
  return key;
}

Result<PublicKey> public_key_from(ByteView bytes) {
  PublicKey key;
  if (bytes.size() != key.size()) return bad_input("an Ed25519 public key has 32 bytes", "key");
  if (crypto_core_ed25519_is_valid_point(bytes.data()) != 1) {
    return bad_input("not an Ed25519 public key that can sign", "key");
  }
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return key;
}

}  // namespace rootlet
