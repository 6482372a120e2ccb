// Envelopes and statements: one changed bit, one wrong name or one wrong key makes them invalid.
#include "sync/trust/office/envelope.hpp"

#include "core/format/json.hpp"
#include "core/limits.hpp"
#include "tests/support/support.hpp"

namespace rootlet {
namespace {

using test::code_of;
using test::must;

struct Pair {
  SigningKey sender = SigningKey::generate();
  SealingKey recipient = SealingKey::generate();
};

EnvelopeHeader a_header() {
  EnvelopeHeader header{.type = "batch",
                        .realm = "0011223344556677",
                        .from = "xinfeng",
                        .to = "platform",
                        .chain = "a1b2",
                        .sequence = 300};
  header.previous.fill(7);
  return header;
}

Bytes an_envelope(const Pair& pair, std::string_view payload) {
  return seal_envelope(a_header(), as_bytes(payload), pair.sender, pair.recipient.public_key);
}

TEST_CASE("envelope: the recipient opens the payload, with its header") {
  const Pair pair;
  const Bytes envelope = an_envelope(pair, "thirty households");
  CHECK(must(peek_envelope(envelope)) == a_header());
  CHECK(must(verify_envelope(envelope, pair.sender.public_key)) == a_header());
  const OpenedEnvelope opened =
      must(open_envelope(envelope, pair.sender.public_key, pair.recipient));
  CHECK(opened.header == a_header());
  CHECK(as_text(opened.payload) == "thirty households");
}

TEST_CASE("envelope: the payload is not readable in the bytes") {
  const Pair pair;
  const Bytes envelope = an_envelope(pair, "thirty households");
  CHECK(as_text(envelope).find("households") == std::string_view::npos);
}

TEST_CASE("envelope: any flipped bit is rejected, even without opening the seal") {
  const Pair pair;
  const Bytes good = an_envelope(pair, "x");
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes bad = good;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    CAPTURE(bit);
    REQUIRE(code_of(verify_envelope(bad, pair.sender.public_key)) == ErrorCode::kUntrusted);
    REQUIRE(code_of(open_envelope(bad, pair.sender.public_key, pair.recipient)) ==
            ErrorCode::kUntrusted);
  }
}

TEST_CASE("envelope: truncated and longer bytes are rejected") {
  const Pair pair;
  const Bytes good = an_envelope(pair, "x");
  for (std::size_t size = 0; size < good.size(); ++size) {
    REQUIRE(code_of(peek_envelope(ByteView(good).first(size))) == ErrorCode::kUntrusted);
  }
  Bytes longer = good;
  longer.push_back(0);
  CHECK(code_of(peek_envelope(longer)) == ErrorCode::kUntrusted);
}

TEST_CASE("envelope: a wrong signature key or sealing key is rejected") {
  const Pair pair, stranger;
  const Bytes envelope = an_envelope(pair, "x");
  CHECK(code_of(verify_envelope(envelope, stranger.sender.public_key)) == ErrorCode::kUntrusted);
  CHECK(code_of(open_envelope(envelope, pair.sender.public_key, stranger.recipient)) ==
        ErrorCode::kUntrusted);
}

// Cuts the sealed part out of `envelope` and signs it as `thief` under `header`.
Bytes under_own_name(const Bytes& envelope, EnvelopeHeader header, const SigningKey& thief) {
  const Bytes frame = seal_envelope(header, {}, thief, SealingKey::generate().public_key);
  // An empty payload seals to 32 + 48 bytes, length in one byte; the signature is the last 64.
  const std::size_t head = frame.size() - 64 - 80 - 1;
  const Bytes own = seal_envelope(a_header(), {}, thief, SealingKey::generate().public_key);
  const std::size_t own_head = own.size() - 64 - 80 - 1;
  Bytes out(frame.begin(), frame.begin() + static_cast<long>(head));
  out.insert(out.end(), envelope.begin() + static_cast<long>(own_head), envelope.end() - 64);
  const Signature signature = sign(thief, "rootlet envelope v1", out);
  out.insert(out.end(), signature.begin(), signature.end());
  return out;
}

TEST_CASE("envelope: a thief cannot send another's sealed payload under their own name") {
  const Pair pair;
  const SigningKey thief = SigningKey::generate();
  const Bytes envelope = an_envelope(pair, "x");
  EnvelopeHeader header = a_header();
  // The same header signed by the thief opens, so the cut itself is correct.
  CHECK(as_text(must(open_envelope(under_own_name(envelope, header, thief), thief.public_key,
                                   pair.recipient))
                    .payload) == "x");
  header.from = "thief";
  const Bytes stolen = under_own_name(envelope, header, thief);
  CHECK(must(verify_envelope(stolen, thief.public_key)).from == "thief");
  CHECK(code_of(open_envelope(stolen, thief.public_key, pair.recipient)) == ErrorCode::kUntrusted);
}

TEST_CASE("envelope: names that are not visible ASCII or too long are rejected") {
  const Pair pair;
  for (const std::string& name : {std::string("a b"), std::string("a\nb"), std::string("\xc3\xa4"),
                                  std::string(limits::kNameBytes + 1, 'a')}) {
    EnvelopeHeader header = a_header();
    header.from = name;
    const Bytes envelope = seal_envelope(header, {}, pair.sender, pair.recipient.public_key);
    CHECK(code_of(peek_envelope(envelope)) == ErrorCode::kUntrusted);
  }
}

TEST_CASE("envelope: a first envelope is verified with the key found inside") {
  const Pair pair;
  const Bytes envelope = an_envelope(pair, as_text(pair.sender.public_key));
  const SenderKeyFinder inside = [](const EnvelopeHeader&, ByteView payload) {
    return public_key_from(payload);
  };
  CHECK(must(open_first_envelope(envelope, pair.recipient, inside)).header == a_header());

  const PublicKey other = SigningKey::generate().public_key;
  const Bytes lying = an_envelope(pair, as_text(other));
  CHECK(code_of(open_first_envelope(lying, pair.recipient, inside)) == ErrorCode::kUntrusted);
}

TEST_CASE("statement: verifies only under its domain and key") {
  const SigningKey key = SigningKey::generate();
  const json::value said = json::object{{"type", "received"}, {"words", "第一行\n\"二\""}};
  const std::string text = sign_statement(said, "rootlet receipt v1", key);
  CHECK(must(verify_statement(text, "rootlet receipt v1", key.public_key)) == said);
  CHECK(code_of(verify_statement(text, "rootlet judgement v1", key.public_key)) ==
        ErrorCode::kUntrusted);
  CHECK(code_of(verify_statement(text, "rootlet receipt v1", SigningKey::generate().public_key)) ==
        ErrorCode::kUntrusted);
}

TEST_CASE("statement: a changed byte never changes the content") {
  const SigningKey key = SigningKey::generate();
  const json::value said = json::object{{"type", "received"}, {"sequence", 7}};
  const std::string good = sign_statement(said, "d", key);
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const int bit : {0, 1, 5}) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
      const Result<json::value> result = verify_statement(bad, "d", key.public_key);
      CAPTURE(at);
      // Changed padding bits of base64 may decode to the same signature; then the content is the
      // same too.
      if (result.has_value()) {
        CHECK(result.value() == said);
      } else {
        CHECK(result.error().code == ErrorCode::kUntrusted);
      }
    }
  }
}

TEST_CASE("statement: unknown keys next to the signature are rejected") {
  const SigningKey key = SigningKey::generate();
  std::string text = sign_statement(json::object{{"a", 1}}, "d", key);
  text.insert(1, "\"extra\":1,");
  CHECK(code_of(verify_statement(text, "d", key.public_key)) == ErrorCode::kUntrusted);
}

}  // namespace
}  // namespace rootlet
