// Envelopes and statements as bytes (docs/FORMATS.md, "Envelope" and "Statement"). The signature
// covers everything before it, so a reader never trusts an unsigned length or name. The sealed part
// starts with the hash of the open header, so nobody can send another's sealed payload under a
// header of their own.
#include "sync/trust/office/envelope.hpp"

#include <algorithm>

#include "core/format/json.hpp"
#include "core/limits.hpp"

namespace rootlet {
namespace {

constexpr std::string_view kMagic = "RLEV";
constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kSuite = 1;  // Ed25519, X25519 sealed box, BLAKE2b-256
constexpr std::string_view kDomain = "rootlet envelope v1";
constexpr std::size_t kSignatureBytes = std::tuple_size_v<Signature>;

// The parts of an envelope, as views into its bytes.
struct Parts {
  EnvelopeHeader header;
  ByteView header_bytes;
  ByteView sealed;
  ByteView signed_part;
  ByteView signature;
};

Bytes encode_header(const EnvelopeHeader& header) {
  ByteWriter out;
  out.raw(as_bytes(kMagic));
  out.u8(kFormat);
  out.u8(kSuite);
  for (const std::string* name : {&header.type, &header.realm, &header.from, &header.to}) {
    out.sized(as_bytes(*name));
  }
  out.sized(as_bytes(header.chain));
  out.varint(header.sequence);
  out.raw(header.previous);
  return out.take();
}

// Names end up in logs, paths and queries: visible ASCII only.
Result<std::string> read_name(ByteReader& reader) {
  ROOTLET_TRY(const ByteView bytes, reader.sized(limits::kNameBytes));
  const std::string_view text = as_text(bytes);
  if (!std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; })) {
    return reader.error("a name holds other than visible ASCII");
  }
  return std::string(text);
}

Status read_preamble(ByteReader& reader) {
  ROOTLET_TRY(const ByteView magic, reader.take(kMagic.size()));
  if (as_text(magic) != kMagic) return reader.error("this is not an envelope");
  ROOTLET_TRY(const std::uint8_t format, reader.u8());
  if (format != kFormat) return reader.error("format " + std::to_string(format) + " is not known");
  ROOTLET_TRY(const std::uint8_t suite, reader.u8());
  if (suite != kSuite) {
    return reader.error("crypto suite " + std::to_string(suite) + " is not known");
  }
  return ok();
}

Result<Parts> split(ByteView envelope) {
  ByteReader reader(envelope, "envelope");
  if (envelope.size() > limits::kEnvelopeBytes) return reader.error("longer than kEnvelopeBytes");
  ROOTLET_TRY(read_preamble(reader));
  Parts parts;
  EnvelopeHeader& header = parts.header;
  for (std::string* name : {&header.type, &header.realm, &header.from, &header.to, &header.chain}) {
    ROOTLET_TRY(*name, read_name(reader));
  }
  ROOTLET_TRY(header.sequence, reader.varint());
  ROOTLET_TRY(const ByteView previous, reader.take(header.previous.size()));
  std::copy(previous.begin(), previous.end(), header.previous.begin());
  parts.header_bytes = envelope.first(reader.position());
  ROOTLET_TRY(parts.sealed, reader.sized(limits::kEnvelopeBytes));
  parts.signed_part = envelope.first(reader.position());
  ROOTLET_TRY(parts.signature, reader.take(kSignatureBytes));
  ROOTLET_TRY(reader.expect_end());
  return parts;
}

Error about(const EnvelopeHeader& header, std::string_view detail) {
  return fail(ErrorCode::kUntrusted, "envelope " + header.type + " " + header.from + " > " +
                                         header.to + " #" + std::to_string(header.sequence) + ": " +
                                         std::string(detail));
}

Status check_signature(const Parts& parts, const PublicKey& sender) {
  if (!verify(sender, kDomain, parts.signed_part, parts.signature)) {
    return about(parts.header, "the signature is not the sender's");
  }
  return ok();
}

Result<Bytes> open_sealed_part(const Parts& parts, const SealingKey& recipient) {
  Result<Bytes> plain = open_sealed(recipient, parts.sealed);
  if (plain.has_error()) return about(parts.header, plain.error().message);
  const Hash256 expected = blake2b(parts.header_bytes);
  if (plain.value().size() < expected.size() ||
      !std::equal(expected.begin(), expected.end(), plain.value().begin())) {
    return about(parts.header, "the sealed part belongs to another header");
  }
  return Bytes(plain.value().begin() + static_cast<long>(expected.size()), plain.value().end());
}

}  // namespace

Hash256 envelope_hash(ByteView envelope) {
  return blake2b(envelope);
}

Bytes seal_envelope(const EnvelopeHeader& header, ByteView payload, const SigningKey& sender,
                    const SealingPublicKey& recipient) {
  ByteWriter out;
  const Bytes header_bytes = encode_header(header);
  ByteWriter inner;
  inner.raw(blake2b(header_bytes));
  inner.raw(payload);
  out.raw(header_bytes);
  out.sized(seal(recipient, inner.view()));
  out.raw(sign(sender, kDomain, out.view()));
  return out.take();
}

Result<EnvelopeHeader> peek_envelope(ByteView envelope) {
  ROOTLET_TRY(Parts parts, split(envelope));
  return std::move(parts.header);
}

Result<EnvelopeHeader> verify_envelope(ByteView envelope, const PublicKey& sender) {
  ROOTLET_TRY(Parts parts, split(envelope));
  ROOTLET_TRY(check_signature(parts, sender));
  return std::move(parts.header);
}

Result<OpenedEnvelope> open_envelope(ByteView envelope, const PublicKey& sender,
                                     const SealingKey& recipient) {
  ROOTLET_TRY(Parts parts, split(envelope));
  ROOTLET_TRY(check_signature(parts, sender));
  ROOTLET_TRY(Bytes payload, open_sealed_part(parts, recipient));
  return OpenedEnvelope{std::move(parts.header), std::move(payload)};
}

Result<OpenedEnvelope> open_first_envelope(ByteView envelope, const SealingKey& recipient,
                                           const SenderKeyFinder& find_key) {
  ROOTLET_TRY(Parts parts, split(envelope));
  ROOTLET_TRY(Bytes payload, open_sealed_part(parts, recipient));
  ROOTLET_TRY(const PublicKey sender, find_key(parts.header, payload));
  ROOTLET_TRY(check_signature(parts, sender));
  return OpenedEnvelope{std::move(parts.header), std::move(payload)};
}

std::string sign_statement(const json::value& statement, std::string_view domain,
                           const SigningKey& key) {
  const std::string text = json::serialize(statement);
  const Signature signature = sign(key, domain, as_bytes(text));
  return json::serialize(json::object{{"signed", text}, {"signature", to_base64(signature)}});
}

Result<json::value> verify_statement(std::string_view text, std::string_view domain,
                                     const PublicKey& key) {
  const auto untrusted = [](const std::string& detail) {
    return fail(ErrorCode::kUntrusted, "statement: " + detail);
  };
  if (text.size() > limits::kReceiptBytes) return untrusted("longer than kReceiptBytes");
  const auto parse = [&]() -> Result<json::value> {
    ROOTLET_TRY(const json::value outer, parse_json(text, "statement"));
    ROOTLET_TRY(JsonObject object, JsonObject::from(outer, "statement"));
    ROOTLET_TRY(const std::string inner, object.text("signed", limits::kReceiptBytes));
    ROOTLET_TRY(const Bytes signature, object.base64("signature", kSignatureBytes));
    ROOTLET_TRY(object.finish());
    if (!verify(key, domain, as_bytes(inner), signature)) {
      return fail(ErrorCode::kUntrusted,
                  "the signature is not the platform's for " + std::string(domain));
    }
    return parse_json(inner, "statement");
  };
  Result<json::value> statement = parse();
  if (statement.has_error()) return untrusted(statement.error().message);
  return statement;
}

}  // namespace rootlet
