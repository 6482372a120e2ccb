// Hashing with OpenSSL, one digest for each known algorithm (TUF specification 1.0, section 4.1).
#include "sync/trust/metadata/tuf_hashes.hpp"

#include <openssl/evp.h>

#include <cstdlib>

namespace rootlet {
namespace {

const EVP_MD* algorithm_named(std::string_view name) {
  if (name == "sha256") return EVP_sha256();
  if (name == "sha384") return EVP_sha384();
  if (name == "sha512") return EVP_sha512();
  return nullptr;
}

struct ContextFree {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

Error mismatch(std::string_view what, std::string_view detail) {
  return fail(ErrorCode::kUntrusted, std::string(what) + ": " + std::string(detail));
}

}  // namespace

struct TufFileCheck::Digest {
  std::unique_ptr<EVP_MD_CTX, ContextFree> context;
  std::string expected_hex;
  std::string algorithm;
};

TufFileCheck::TufFileCheck(const TufHashes& expected) {
  for (const auto& [name, hex] : expected) {
    const EVP_MD* algorithm = algorithm_named(name);
    if (algorithm == nullptr) continue;
    Digest digest{.context = std::unique_ptr<EVP_MD_CTX, ContextFree>(EVP_MD_CTX_new()),
                  .expected_hex = hex,
                  .algorithm = name};
    if (!digest.context || EVP_DigestInit_ex(digest.context.get(), algorithm, nullptr) != 1) {
      std::abort();  // no memory
    }
    digests_.push_back(std::move(digest));
  }
}

TufFileCheck::~TufFileCheck() = default;
TufFileCheck::TufFileCheck(TufFileCheck&&) noexcept = default;

void TufFileCheck::update(ByteView bytes) {
  size_ += bytes.size();
  for (const Digest& digest : digests_) {
    if (EVP_DigestUpdate(digest.context.get(), bytes.data(), bytes.size()) != 1) std::abort();
  }
}

Status TufFileCheck::check(std::optional<std::uint64_t> length, std::string_view what) {
  if (length.has_value() && *length != size_) {
    return mismatch(what, std::to_string(size_) + " bytes instead of " + std::to_string(*length));
  }
  if (digests_.empty()) return mismatch(what, "no hash of an algorithm that is known");
  for (const Digest& digest : digests_) {
    std::uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (EVP_DigestFinal_ex(digest.context.get(), hash, &size) != 1) std::abort();
    if (to_hex({hash, size}) != digest.expected_hex) {
      return mismatch(what, "its " + digest.algorithm + " is not the one that was signed");
    }
  }
  return ok();
}

Status check_length_and_hashes(ByteView bytes, std::optional<std::uint64_t> length,
                               const TufHashes& expected, std::string_view what) {
  if (expected.empty()) {
    if (!length.has_value() || *length == bytes.size()) return ok();
    return mismatch(what,
                    std::to_string(bytes.size()) + " bytes instead of " + std::to_string(*length));
  }
  TufFileCheck check(expected);
  check.update(bytes);
  return check.check(length, what);
}

}  // namespace rootlet
