// Measures the upper limits of this machine on the bytes of a file: copying, hashing, decrypting,
// decompressing. Usage: limits FILE; prints MB of plain bytes per second, one thread.
#include "core/limits.hpp"

#include <sodium.h>
#include <zstd.h>

#include <cstring>

#include "bench/tool.hpp"
#include "core/crypto.hpp"
#include "core/file/file.hpp"

namespace rootlet::bench {
namespace {

constexpr std::size_t kChunk = 64 * limits::kKiB;

// The best of a few runs, in MB per second.
template <typename Work>
double speed(std::size_t bytes, Work work) {
  double best = 0;
  for (int run = 0; run < 5; ++run) {
    const Timer timer;
    work();
    best = std::max(best, static_cast<double>(bytes) / 1e6 / timer.seconds());
  }
  return best;
}

double copy_speed(const Bytes& data) {
  Bytes target(data.size());
  return speed(data.size(), [&] { std::memcpy(target.data(), data.data(), data.size()); });
}

double hash_speed(const Bytes& data) {
  return speed(data.size(), [&] { blake2b(data); });
}

double unpack_speed(const Bytes& data) {
  Bytes packed(ZSTD_compressBound(data.size()));
  const std::size_t size =
      ZSTD_compress(packed.data(), packed.size(), data.data(), data.size(), 19);
  Bytes target(data.size());
  return speed(data.size(), [&] {
    if (ZSTD_decompress(target.data(), target.size(), packed.data(), size) != data.size()) {
      die("zstd does not return the original bytes");
    }
  });
}

double open_speed(const Bytes& data) {
  constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
  const SymmetricKey key = SymmetricKey::random();
  const Bytes nonce = random_bytes(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
  Bytes sealed(kChunk + kTag), plain(kChunk);
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data(), nullptr, data.data(), kChunk, nullptr,
                                             0, nullptr, nonce.data(), key.expose().data());
  const std::size_t chunks = data.size() / kChunk;
  return speed(chunks * kChunk, [&] {
    for (std::size_t i = 0; i < chunks; ++i) {
      if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain.data(), nullptr, nullptr, sealed.data(),
                                                     sealed.size(), nullptr, 0, nonce.data(),
                                                     key.expose().data()) != 0) {
        die("a sealed chunk does not open");
      }
    }
  });
}

}  // namespace
}  // namespace rootlet::bench

int main(int argc, char** argv) {
  using namespace rootlet;
  using namespace rootlet::bench;
  if (argc != 2) die("usage: limits FILE");
  initialise_crypto();
  const Bytes data = must(read_file(argv[1], 1024 * limits::kMiB));
  if (data.size() < kChunk) die("the file is too small to measure with");
  print(json::object{{"memcpy", copy_speed(data)},
                     {"blake2b", hash_speed(data)},
                     {"xchacha20poly1305_open", open_speed(data)},
                     {"zstd19_unpack", unpack_speed(data)}});
  return 0;
}
