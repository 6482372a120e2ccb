// Keys and thresholds. OpenSSL makes the keys and signatures of every kind here, so that an
// independent signer tests the verification.
#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>

#include "tests/sync/trust/simulator.hpp"

namespace rootlet::test {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;

enum class Padding { kNone, kPss, kPkcs1 };

Key new_rsa(unsigned bits) {
  return Key(EVP_RSA_gen(bits));
}
Key new_ec(const char* curve) {
  return Key(EVP_EC_gen(curve));
}

std::string pem_of(EVP_PKEY* key) {
  const std::unique_ptr<BIO, Free> bio(BIO_new(BIO_s_mem()));
  REQUIRE(PEM_write_bio_PUBKEY(bio.get(), key) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

Bytes sign_with(EVP_PKEY* key, std::string_view message, Padding padding,
                int salt = RSA_PSS_SALTLEN_DIGEST) {
  const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;
  REQUIRE(EVP_DigestSignInit(context.get(), &options, EVP_sha256(), nullptr, key) == 1);
  if (padding == Padding::kPss) {
    REQUIRE(EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1);
    REQUIRE(EVP_PKEY_CTX_set_rsa_pss_saltlen(options, salt) == 1);
  }
  std::size_t size = 0;
  const ByteView bytes = as_bytes(message);
  REQUIRE(EVP_DigestSign(context.get(), nullptr, &size, bytes.data(), bytes.size()) == 1);
  Bytes signature(size);
  REQUIRE(EVP_DigestSign(context.get(), signature.data(), &size, bytes.data(), bytes.size()) == 1);
  signature.resize(size);
  return signature;
}

struct Kind {
  const char* name;
  TufKey key;
  Bytes signature;
};

constexpr std::string_view kMessage = "what was signed";

// RFC 8032, section 7.1, test 2.
const TufKey kRfc8032Key{
    .type = "ed25519",
    .scheme = "ed25519",
    .material = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"};
constexpr std::string_view kRfc8032Signature =
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

std::vector<Kind> every_kind() {
  const Key rsa = new_rsa(2048);
  const Key ec = new_ec("P-256");
  std::vector<Kind> kinds;
  kinds.push_back({"ecdsa",
                   {.type = "ecdsa", .scheme = "ecdsa-sha2-nistp256", .material = pem_of(ec.get())},
                   sign_with(ec.get(), kMessage, Padding::kNone)});
  kinds.push_back({"ecdsa-sha2-nistp256",
                   {.type = "ecdsa-sha2-nistp256",
                    .scheme = "ecdsa-sha2-nistp256",
                    .material = pem_of(ec.get())},
                   sign_with(ec.get(), kMessage, Padding::kNone)});
  kinds.push_back({"rsa pss, salt as long as the digest",
                   {.type = "rsa", .scheme = "rsassa-pss-sha256", .material = pem_of(rsa.get())},
                   sign_with(rsa.get(), kMessage, Padding::kPss)});
  kinds.push_back({"rsa pss, longest salt",
                   {.type = "rsa", .scheme = "rsassa-pss-sha256", .material = pem_of(rsa.get())},
                   sign_with(rsa.get(), kMessage, Padding::kPss, RSA_PSS_SALTLEN_MAX)});
  kinds.push_back({"rsa pkcs1",
                   {.type = "rsa", .scheme = "rsa-pkcs1v15-sha256", .material = pem_of(rsa.get())},
                   sign_with(rsa.get(), kMessage, Padding::kPkcs1)});
  return kinds;
}

}  // namespace

TEST_CASE("trust: every key type of the specification verifies its own signature only") {
  for (Kind& kind : every_kind()) {
    CAPTURE(kind.name);
    CHECK(verify_tuf_signature(kind.key, as_bytes(kMessage), kind.signature));
    CHECK_FALSE(verify_tuf_signature(kind.key, as_bytes("another message"), kind.signature));
    Bytes flipped = kind.signature;
    flipped.back() ^= 1;
    CHECK_FALSE(verify_tuf_signature(kind.key, as_bytes(kMessage), flipped));
    CHECK_FALSE(verify_tuf_signature(kind.key, as_bytes(kMessage), {}));
    TufKey damaged = kind.key;
    damaged.material = damaged.material.substr(40);
    CHECK_FALSE(verify_tuf_signature(damaged, as_bytes(kMessage), kind.signature));
    CHECK(unique_form(damaged).empty());
  }
}

TEST_CASE("trust: ed25519 verifies the vector of RFC 8032") {
  const Bytes message{0x72};
  const Bytes signature = must(from_hex(kRfc8032Signature));
  CHECK(verify_tuf_signature(kRfc8032Key, message, signature));
  TufKey upper = kRfc8032Key;
  for (char& c : upper.material) c = static_cast<char>(std::toupper(c));
  CHECK(unique_form(upper) == unique_form(kRfc8032Key));
}

TEST_CASE("trust: one RSA key cannot sign under the other scheme") {
  std::vector<Kind> kinds = every_kind();
  CHECK_FALSE(verify_tuf_signature(kinds[2].key, as_bytes(kMessage), kinds[4].signature));
  CHECK_FALSE(verify_tuf_signature(kinds[4].key, as_bytes(kMessage), kinds[2].signature));
}

TEST_CASE("trust: weak and unknown keys verify nothing") {
  const Key small = new_rsa(1024);
  const TufKey weak{
      .type = "rsa", .scheme = "rsa-pkcs1v15-sha256", .material = pem_of(small.get())};
  CHECK_FALSE(verify_tuf_signature(weak, as_bytes(kMessage),
                                   sign_with(small.get(), kMessage, Padding::kPkcs1)));
  const Key p384 = new_ec("P-384");
  const TufKey curve{
      .type = "ecdsa", .scheme = "ecdsa-sha2-nistp256", .material = pem_of(p384.get())};
  CHECK_FALSE(verify_tuf_signature(curve, as_bytes(kMessage),
                                   sign_with(p384.get(), kMessage, Padding::kNone)));
  const TufKey unknown{.type = "novel", .scheme = "novel", .material = "00"};
  CHECK_FALSE(verify_tuf_signature(unknown, as_bytes(kMessage), Bytes(64)));
  const TufKey mixed{.type = "rsa", .scheme = "ed25519", .material = kRfc8032Key.material};
  CHECK_FALSE(verify_tuf_signature(mixed, Bytes{0x72}, must(from_hex(kRfc8032Signature))));
}

TEST_CASE("trust: threshold tricks: one key under many ids, schemes and spellings counts once") {
  const Key rsa = new_rsa(2048);
  const std::string pem = pem_of(rsa.get());
  const std::string pss = to_hex(sign_with(rsa.get(), kMessage, Padding::kPss));
  const std::string pkcs1 = to_hex(sign_with(rsa.get(), kMessage, Padding::kPkcs1));
  const TufKeys keys{
      {"a", {.type = "rsa", .scheme = "rsassa-pss-sha256", .material = pem}},
      {"b", {.type = "rsa", .scheme = "rsassa-pss-sha256", .material = pem}},
      {"c", {.type = "rsa", .scheme = "rsa-pkcs1v15-sha256", .material = "note\n" + pem + "\n"}}};
  const std::vector<TufSignature> signatures{{"a", pss}, {"b", pss}, {"c", pkcs1}};
  const ByteView message = as_bytes(kMessage);
  TufRole role{.key_ids = {"a", "b", "c"}, .threshold = 1};
  CHECK(verify_threshold(role, keys, message, signatures, "x").has_value());
  role.threshold = 2;
  CHECK(code_of(verify_threshold(role, keys, message, signatures, "x")) == ErrorCode::kUntrusted);
}

TEST_CASE("trust: only signatures of the role's own keys count") {
  const std::vector<Kind> kinds = every_kind();
  const TufKeys keys{{"ec", kinds[0].key}, {"rsa", kinds[4].key}};
  const std::vector<TufSignature> signatures{{"rsa", to_hex(kinds[4].signature)},
                                             {"ec", to_hex(kinds[0].signature)},
                                             {"gone", to_hex(kinds[0].signature)}};
  const ByteView message = as_bytes(kMessage);
  const auto verdict = [&](TufRole role) {
    return verify_threshold(role, keys, message, signatures, "x").has_value();
  };
  CHECK(verdict({.key_ids = {"ec"}, .threshold = 1}));
  CHECK_FALSE(verdict({.key_ids = {"ec"}, .threshold = 2}));
  CHECK(verdict({.key_ids = {"ec", "rsa"}, .threshold = 2}));
  CHECK_FALSE(verdict({.key_ids = {"gone"}, .threshold = 1}));
  CHECK_FALSE(verdict({.key_ids = {}, .threshold = 1}));
}

TEST_CASE("trust: signatures that are empty or not hex are skipped") {
  const std::vector<Kind> kinds = every_kind();
  const TufKeys keys{{"ec", kinds[0].key}, {"rsa", kinds[4].key}};
  const std::vector<TufSignature> signatures{{"rsa", ""}, {"ec", to_hex(kinds[0].signature)}};
  const TufRole role{.key_ids = {"ec", "rsa"}, .threshold = 1};
  CHECK(verify_threshold(role, keys, as_bytes(kMessage), signatures, "x").has_value());
  const std::vector<TufSignature> garbled{{"rsa", "xyz"}, {"ec", "0"}};
  CHECK(verify_threshold(role, keys, as_bytes(kMessage), garbled, "x").has_error());
}

TEST_CASE("trust: root rotation needs a threshold of the old keys and of the new ones") {
  struct Version {
    std::vector<std::size_t> keys;
    std::int64_t threshold;
    std::vector<std::size_t> signed_by;
  };
  struct Rotation {
    const char* name;
    std::vector<Version> versions;
    bool accepted;
  };
  const std::vector<Rotation> rotations{
      {"1 of 1", {{{1}, 1, {1}}, {{2}, 1, {2, 1}}, {{2}, 1, {2}}}, true},
      {"unused signatures", {{{1}, 1, {3, 1, 4}}, {{2}, 1, {3, 2, 1, 4}}}, true},
      {"3 of 5, all new",
       {{{0, 1, 2, 3, 4}, 3, {0, 2, 4}}, {{5, 6, 7, 8, 9}, 3, {0, 2, 4, 5, 6, 7}}},
       true},
      {"threshold up", {{{1, 2, 3}, 1, {1}}, {{1, 2, 3}, 2, {1, 2}}}, true},
      {"threshold down",
       {{{1, 2, 3}, 2, {1, 2}}, {{1, 2, 3}, 1, {1, 2}}, {{1, 2, 3}, 1, {1}}},
       true},
      {"not by the old key", {{{1}, 1, {1}}, {{2}, 1, {2, 3, 4}}}, false},
      {"not by the new key", {{{1}, 1, {1}}, {{2}, 1, {1, 3, 4}}}, false},
      {"too few new", {{{0, 1, 2, 3, 4}, 3, {0, 2, 4}}, {{0, 1, 3, 4, 5}, 3, {0, 2, 4}}}, false},
      {"too few old", {{{0, 1, 2, 3, 4}, 3, {0, 2, 4}}, {{0, 1, 3, 4, 5}, 3, {0, 4, 5}}}, false},
      {"new threshold missed", {{{1, 2, 3}, 1, {1}}, {{1, 2, 3}, 2, {2}}}, false},
      {"old threshold missed", {{{1, 2, 3}, 2, {1, 2}}, {{1, 2, 3}, 1, {1}}}, false}};
  std::vector<SigningKey> pool;
  for (int i = 0; i < 10; ++i) pool.push_back(SigningKey::generate());
  for (const Rotation& rotation : rotations) {
    CAPTURE(rotation.name);
    FakeClock clock;
    Simulator repository(clock.wall());
    std::int64_t version = 0;
    for (const Version& next : rotation.versions) {
      repository.root.root = {.keys = {}, .threshold = next.threshold};
      repository.signers["root"].clear();
      for (const std::size_t i : next.keys) repository.root.root.keys.push_back(pool[i].public_key);
      for (const std::size_t i : next.signed_by) {
        repository.signers["root"].push_back(SigningKey::from_seed(pool[i].seed()));
      }
      repository.root.header.version = ++version;
      repository.publish_as_is("root");
    }
    TestOffice office(repository);
    CHECK(office.refresh().has_value() == rotation.accepted);
    const std::string last = std::to_string(rotation.accepted ? version : version - 1);
    CHECK(office.stored("root") == repository.metadata[last + ".root.json"]);
  }
}

TEST_CASE("trust: metadata with two signatures of one key id is refused") {
  FakeClock clock;
  Simulator repository(clock.wall());
  TestOffice office(repository);
  json::value document = must(parse_json(as_text(repository.metadata["timestamp.json"]), "t"));
  json::array& signatures = document.at("signatures").as_array();
  signatures.push_back(signatures.front());
  repository.metadata["timestamp.json"] = to_bytes(json::serialize(document));
  CHECK(code_of(office.refresh()) == ErrorCode::kUntrusted);
}

TEST_CASE("trust: a root whose role names one key id twice is refused") {
  FakeClock clock;
  Simulator repository(clock.wall());
  TestOffice office(repository);
  repository.root.snapshot.keys.push_back(repository.root.snapshot.keys.front());
  repository.root.snapshot.threshold = 2;
  repository.publish({"root"});
  CHECK(code_of(office.refresh()) == ErrorCode::kUntrusted);
  CHECK(office.version("root") == 1);
}

}  // namespace rootlet::test
