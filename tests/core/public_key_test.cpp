// Public keys from outside: those of small order or in a second spelling are refused where they are
// parsed. The points are the well-known ones of Curve25519 and edwards25519.
#include "core/crypto.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::test;

namespace {

// u-coordinates of small order, and spellings at or above 2^255 - 19 of others.
constexpr const char* kBadSealingKeys[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0900000000000000000000000000000000000000000000000000000000000080",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
};

// Encodings of the eight points of small order, two of them not canonical, and a y that is on no
// point of the curve.
constexpr const char* kBadSigningKeys[] = {
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0200000000000000000000000000000000000000000000000000000000000000",
};

}  // namespace

TEST_CASE("keys: an X25519 key of small order or in a second spelling is refused") {
  for (const char* hex : kBadSealingKeys) {
    CAPTURE(hex);
    CHECK(code_of(SealingPublicKey::from(must(from_hex(hex)))) == ErrorCode::kBadInput);
  }
  const SealingKey good = SealingKey::generate();
  CHECK(must(SealingPublicKey::from(good.public_key)) == good.public_key);
  CHECK(code_of(SealingPublicKey::from(ByteView(good.public_key).first(31))) ==
        ErrorCode::kBadInput);
  // RFC 7748, section 6.1: the public keys of Alice and of Bob.
  for (const char* hex : {"8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
                          "de9edb7d7b7dbc4d35b61dc2ece435373f8343c85b78674dadfc7e146f882b4f"}) {
    CHECK(SealingPublicKey::from(must(from_hex(hex))).has_value());
  }
}

TEST_CASE("keys: what is sealed to the key of nobody is sealed, and the key is a sound one") {
  const SealingPublicKey nobody;
  CHECK(must(SealingPublicKey::from(nobody)) == nobody);
  CHECK(seal(nobody, as_bytes("x")).size() > 1);
}

TEST_CASE("keys: an Ed25519 key of small order, off the curve or in a second spelling is refused") {
  for (const char* hex : kBadSigningKeys) {
    CAPTURE(hex);
    CHECK(code_of(public_key_from(must(from_hex(hex)))) == ErrorCode::kBadInput);
  }
  const SigningKey good = SigningKey::generate();
  CHECK(must(public_key_from(good.public_key)) == good.public_key);
  CHECK(code_of(public_key_from(ByteView(good.public_key).first(31))) == ErrorCode::kBadInput);
  // RFC 8032, section 7.1, test 1.
  CHECK(public_key_from(
            must(from_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")))
            .has_value());
}
