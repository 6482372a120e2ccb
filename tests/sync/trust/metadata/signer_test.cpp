// The output of the signer, byte by byte where that matters.
#include <doctest/doctest.h>

#include "tests/sync/trust/simulator.hpp"

namespace rootlet::test {

TEST_CASE("trust: a key id is the SHA-256 of the key's canonical JSON") {
  // The example key of the specification, section 4.3.
  const PublicKey key = must(public_key_from(
      must(from_hex("66dd78c5c2a78abc6fc6b267ff1a8017ba0e8bfc853dd97af351949bba021275"))));
  CHECK(tuf_key_id(key) == "cb3fbd83df4ba2471a736b065650878280964a98843ec13b457a99b2a21cc3b4");
}

TEST_CASE("trust: signatures can be added in several steps") {
  FakeClock clock;
  const SigningKey first = SigningKey::generate();
  const SigningKey second = SigningKey::generate();
  TufRootContent root;
  root.header.expires = clock.wall() + std::chrono::days(1);
  root.root = {.keys = {first.public_key, second.public_key}, .threshold = 2};
  root.timestamp = root.snapshot = root.targets = {.keys = {first.public_key}};
  const SigningKey* one[] = {&first};
  const SigningKey* other[] = {&second};
  const Bytes half = must(sign_metadata(encode_root(root), one));
  CHECK(code_of(TufTrustedSet::from_root(half, clock.wall())) == ErrorCode::kUntrusted);
  const Bytes whole = must(add_signatures(half, other));
  CHECK(TufTrustedSet::from_root(whole, clock.wall()).has_value());
  CHECK(must(add_signatures(whole, other)) == whole);  // replaced, not doubled
  CHECK(code_of(add_signatures(as_bytes("{}"), other)) == ErrorCode::kBadInput);
}

TEST_CASE("trust: custom fields of any text survive signing and reading") {
  FakeClock clock;
  const SigningKey key = SigningKey::generate();
  const SigningKey* keys[] = {&key};
  TufTargetsContent content;
  content.header.expires = clock.wall();
  content.header.custom["x-any"] = "a\nb\"\\\x01 村";
  content.targets["t"] = describe_target(as_bytes("t"));
  content.targets["t"].custom = {{"list", {1, "two", nullptr, true}}};
  const Bytes file = must(sign_metadata(encode_targets(content), keys));
  const Signed<TufTargets> read = must(parse_metadata<TufTargets>(file, "t"));
  CHECK(read.signed_part.at("x-any").as_string() == "a\nb\"\\\x01 村");
  CHECK(read.body.targets.at("t").custom == content.targets["t"].custom);
  const TufKeys known{
      {tuf_key_id(key.public_key),
       {.type = "ed25519", .scheme = "ed25519", .material = to_hex(key.public_key)}}};
  CHECK(verify_threshold({.key_ids = {tuf_key_id(key.public_key)}, .threshold = 1}, known,
                         as_bytes(read.signed_bytes), read.signatures, "t")
            .has_value());
  content.header.custom["x-bad"] = 1.5;
  CHECK(code_of(sign_metadata(encode_targets(content), keys)) == ErrorCode::kBadInput);
}

TEST_CASE("trust: published names contain version and hash, except the timestamp's") {
  CHECK(must(published_file_name("timestamp", 7)) == "timestamp.json");
  CHECK(must(published_file_name("publisher-a/b", 7)) == "7.publisher-a%2Fb.json");
  const TufTarget target = describe_target(as_bytes("x"));
  CHECK(must(published_target_name("directory/1.pack", target)) ==
        "directory/" + to_hex(sha256(as_bytes("x"))) + ".1.pack");
}

TEST_CASE("trust: metadata of the wrong form is refused, and the error names the place") {
  FakeClock clock;
  Simulator repository(clock.wall());
  const json::value good = must(parse_json(as_text(repository.metadata["1.root.json"]), "root"));
  const auto verdict = [](const json::value& document) {
    return parse_metadata<TufRoot>(as_bytes(json::serialize(document)), "root").has_value();
  };
  CHECK(verdict(good));
  for (const std::string field : {"_type", "spec_version", "version", "expires", "keys", "roles"}) {
    CAPTURE(field);
    json::value bad = good;
    bad.at("signed").as_object().erase(field);
    CHECK_FALSE(verdict(bad));
  }
  const std::vector<std::pair<std::string, json::value>> wrong{{"version", 0},
                                                               {"version", -1},
                                                               {"version", "1"},
                                                               {"version", 1.0},
                                                               {"expires", "tomorrow"},
                                                               {"expires", "2026-09-21T00:00:00"},
                                                               {"spec_version", "2.0"},
                                                               {"_type", "targets"},
                                                               {"consistent_snapshot", "yes"},
                                                               {"roles", json::object{}},
                                                               {"extra", 0.5}};
  for (const auto& [field, value] : wrong) {
    CAPTURE(field);
    json::value bad = good;
    bad.at("signed").as_object()[field] = value;
    CHECK_FALSE(verdict(bad));
  }
  for (const auto& [expires, accepted] :
       std::map<std::string, bool>{{"2030-01-02T03:04:05Z", true},
                                   {"2030-01-02T03:04:05.678Z", true},
                                   {"2030-01-02T03:04:05.Z", false},
                                   {"2030-01-02T03:04:05.6", false},
                                   {"2030-01-02T03:04:05.6+01:00Z", false}}) {
    CAPTURE(expires);
    json::value dated = good;
    dated.at("signed").as_object()["expires"] = expires;
    CHECK(verdict(dated) == accepted);
  }
  json::value zero = good;
  zero.at("signed").at("roles").at("root").as_object()["threshold"] = 0;
  CHECK_FALSE(verdict(zero));
}

}  // namespace rootlet::test
