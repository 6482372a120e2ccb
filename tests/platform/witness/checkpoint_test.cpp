// Trees, checkpoints, cosignatures and sightings as text: known answers, and what is refused.
#include "platform/witness/checkpoint.hpp"

#include "core/file/file.hpp"
#include "platform/witness/sighting.hpp"
#include "platform/witness/tree_head.hpp"
#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::test;
using namespace rootlet::platform;

namespace {

const UnixTime kNow{std::chrono::seconds(1'790'000'000)};

SigningKey key_of(std::uint8_t seed) {
  SymmetricKey secret;
  secret.expose_mutable()[0] = seed;
  return SigningKey::from_seed(secret);
}

Checkpoint some_checkpoint() {
  return {.origin = "witness.example/county", .size = 7, .root = sha256(as_bytes("root"))};
}

std::string note_by(const SigningKey& key) {
  return cosign(some_checkpoint(), "witness.example/county", key, kNow);
}

Result<SignedCheckpoint> parse(std::string_view note) {
  return parse_checkpoint(as_bytes(note), "checkpoint");
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("tree: the roots of RFC 6962's reference leaves") {
  const std::vector<std::string> leaves{"",
                                        "00",
                                        "10",
                                        "2021",
                                        "3031",
                                        "40414243",
                                        "5051525354555657",
                                        "606162636465666768696a6b6c6d6e6f"};
  const std::vector<std::string> roots{
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  std::vector<Hash256> hashes;
  for (std::size_t size = 0; size < roots.size(); ++size) {
    CAPTURE(size);
    CHECK(to_hex(tree_root(hashes)) == roots[size]);
    if (size < leaves.size()) hashes.push_back(leaf_hash(must(from_hex(leaves[size]))));
  }
}

TEST_CASE("checkpoint: the id of a known key of the field") {
  // The public key of Go's checksum database, of type 1.
  const Bytes key = must(from_base64("Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"));
  PublicKey known{};
  REQUIRE(key.size() == 1 + known.size());
  std::copy(key.begin() + 1, key.end(), known.begin());
  CHECK(note_key_id("sum.golang.org", 1, known) == "033de0ae");
}

TEST_CASE("checkpoint: it comes back as it was signed, with the time") {
  const SigningKey key = key_of(1);
  const WitnessKey witness{"witness.example/county", key.public_key};
  const SignedCheckpoint note = must(parse(note_by(key)));
  CHECK(note.checkpoint.origin == "witness.example/county");
  CHECK(note.checkpoint.size == 7);
  CHECK(note.checkpoint.root == some_checkpoint().root);
  CHECK(must(verify_cosignature(note, witness)) == kNow);
  CHECK(must(parse_verifier_key(encode_verifier_key(witness))) == witness);
}

TEST_CASE("checkpoint: signatures of others are skipped, however many") {
  const SigningKey key = key_of(1);
  std::string note = note_by(key);
  const std::string other = cosign(some_checkpoint(), "other.example", key_of(2), kNow);
  note += other.substr(other.rfind("\n\n") + 2);
  const SignedCheckpoint parsed = must(parse(note));
  CHECK(parsed.signatures.size() == 2);
  CHECK(must(verify_cosignature(parsed, {"other.example", key_of(2).public_key})) == kNow);
  CHECK(code_of(verify_cosignature(parsed, {"other.example", key_of(3).public_key})) ==
        ErrorCode::kUntrusted);
}

TEST_CASE("checkpoint: every changed byte is refused") {
  const SigningKey key = key_of(1);
  const std::string note = note_by(key);
  for (std::size_t at = 0; at < note.size(); ++at) {
    std::string changed = note;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const Result<SignedCheckpoint> parsed = parse(changed);
    const bool is_refused =
        parsed.has_error() ||
        verify_cosignature(parsed.value(), {"witness.example/county", key.public_key}).has_error();
    CAPTURE(at);
    CHECK(is_refused);
  }
}

TEST_CASE("checkpoint: what is no note of three lines is refused") {
  const std::string note = note_by(key_of(1));
  CHECK(code_of(parse("")) == ErrorCode::kUntrusted);
  CHECK(code_of(parse(replaced(note, "\n7\n", "\n07\n"))) == ErrorCode::kUntrusted);
  CHECK(code_of(parse(replaced(note, "\n7\n", "\n-7\n"))) == ErrorCode::kUntrusted);
  CHECK(code_of(parse(replaced(note, "\n7\n", "\n7\nmore\n"))) == ErrorCode::kUntrusted);
  CHECK(code_of(parse(replaced(note, "county\n7", "county\t\n7"))) == ErrorCode::kUntrusted);
  CHECK(code_of(parse(note.substr(0, note.rfind("\n\n") + 2))) == ErrorCode::kUntrusted);
  CHECK(code_of(parse(note + std::string(100'000, 'x') + "\n")) == ErrorCode::kUntrusted);
}

TEST_CASE("checkpoint: a name with blanks or plus signs is no witness's") {
  CHECK(check_witness_name("witness.example/county").has_value());
  for (const char* name : {"", "a b", "a+b", "a\n", "见证"}) {
    CAPTURE(name);
    CHECK(code_of(check_witness_name(name)) == ErrorCode::kBadInput);
  }
}

TEST_CASE("sightings: lines come back, and other forms of them are refused") {
  const Sighting one{12, sha256(as_bytes("directory")), 3, sha256(as_bytes("targets")), kNow};
  const std::string line = encode_sighting(one);
  CHECK(must(parse_sightings(line + line, "log")) == std::vector{one, one});
  CHECK(must(parse_sightings("", "log")).empty());
  for (const std::string& wrong : {"0" + line, line.substr(1), line + " ",
                                   line.substr(0, line.size() - 1), replaced(line, " 3 ", " 0 "),
                                   replaced(line, " 3 ", "  3 "), replaced(line, "Z", "+00:00")}) {
    CAPTURE(wrong);
    const auto parsed = parse_sightings(line + wrong, "log");
    if (wrong == line.substr(1)) {
      CHECK(parsed.value().back().version == 2);  // another version, which the tree would show
    } else {
      CHECK(code_of(parsed) == ErrorCode::kUntrusted);
    }
  }
  CHECK(parse_sightings(line + "x\n", "log").error().message.find("line 2") != std::string::npos);
}

TEST_CASE("checkpoint: the example of docs/FORMATS.md, byte for byte") {
  const SigningKey key = SigningKey::from_seed(SymmetricKey());
  const Sighting one{1, sha256(as_bytes("directory")), 1, sha256(as_bytes("targets")), kNow};
  const std::string note =
      cosign({.origin = "witness.example/county", .size = 1, .root = root_of({one}, 1)},
             "witness.example/county", key, kNow);
  const std::string example = encode_sighting(one) + "\n" + note + "\n" +
                              encode_verifier_key({"witness.example/county", key.public_key}) +
                              "\n";
  CAPTURE(example);
  CHECK(must(read_text_file(FORMATS, 1 << 20)).find(example) != std::string::npos);
}
