// Content keys follow from the division above, and from no other.
#include "sync/trust/office/content_keys.hpp"

#include "tests/support/support.hpp"

using namespace rootlet;

namespace {

ContentKey key_of(const SymmetricKey& root, const std::string& division) {
  return {{"villages", division}, 1, 1, content_key_within(root, "all", division)};
}

std::optional<SymmetricKey> find(const ContentKey& key, const std::string& partition,
                                 const std::string& dataset = "villages") {
  return find_content_key(std::span(&key, 1), {dataset, partition}, 1, 1);
}

}  // namespace

TEST_CASE("content keys: whichever division a grant names, a stream has one key") {
  const SymmetricKey root = SymmetricKey::random();
  const SymmetricKey stream = content_key_within(root, "all", "330402007");
  for (const char* division : {"all", "33", "3304", "330402", "330402007"}) {
    CAPTURE(division);
    const std::optional<SymmetricKey> found = find(key_of(root, division), "330402007");
    REQUIRE(found.has_value());
    CHECK(*found == stream);
  }
}

TEST_CASE("content keys: a division's key opens nothing above it, beside it or of other data") {
  const SymmetricKey root = SymmetricKey::random();
  const ContentKey county = key_of(root, "330402");
  CHECK(find(county, "330402").has_value());
  for (const char* partition : {"all", "33", "3304", "330403", "3305", "330403007"}) {
    CAPTURE(partition);
    CHECK(!find(county, partition).has_value());
  }
  CHECK(!find(county, "330402007", "roster").has_value());
  CHECK(!find_content_key(std::span(&county, 1), {"villages", "330402007"}, 2, 1).has_value());
  CHECK(!find_content_key(std::span(&county, 1), {"villages", "330402007"}, 1, 2).has_value());
  // Keys of two divisions differ, also where one is a part of the other.
  CHECK(!(content_key_within(root, "all", "33") == content_key_within(root, "all", "3304")));
  CHECK(!(content_key_within(root, "all", "3304") == content_key_within(root, "all", "3305")));
}

TEST_CASE("content keys: the derivation is a vector of the format") {
  SymmetricKey root;  // 32 bytes 00
  CHECK(to_hex(content_key_within(root, "all", "33").expose()) ==
        "9d705ddbca97b18a5d1bc9aa44e1b0c64f6c46a9599f95d1471bcefff7927e43");
  CHECK(content_key_within(root, "33", "33") == root);
}
