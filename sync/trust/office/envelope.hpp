// Two formats for messages to one party (docs/FORMATS.md, "Envelope"): an envelope is sealed to the
// recipient and signed by the sender; a statement is signed JSON in the clear. An envelope binds
// realm, type, sender, recipient, chain, sequence and the hash of the previous envelope, so that
// nobody can replay it elsewhere.
#pragma once

#include <functional>

#include "core/crypto.hpp"
#include "core/format/json_fwd.hpp"

namespace rootlet {

struct EnvelopeHeader {
  std::string type;   // "grant", "batch", "mail", "enrolment"
  std::string realm;  // realm id
  std::string from;   // office id or "platform"
  std::string to;
  std::string chain;  // the office's batch chain, else ""
  std::uint64_t sequence = 0;
  Hash256 previous{};  // hash of the previous envelope in this chain; zero for the first
  bool operator==(const EnvelopeHeader&) const = default;
};

// BLAKE2b-256 of the envelope's bytes: its id in receipts and in `previous`.
Hash256 envelope_hash(ByteView envelope);

Bytes seal_envelope(const EnvelopeHeader& header, ByteView payload, const SigningKey& sender,
                    const SealingPublicKey& recipient);

// The header, for routing only; do not trust it before `verify_envelope`.
Result<EnvelopeHeader> peek_envelope(ByteView envelope);
// The header if `sender` signed this envelope; kUntrusted otherwise. The payload stays sealed.
Result<EnvelopeHeader> verify_envelope(ByteView envelope, const PublicKey& sender);
// Verifies, opens, and checks that the sealed part repeats the header.
struct OpenedEnvelope {
  EnvelopeHeader header;
  Bytes payload;
};
Result<OpenedEnvelope> open_envelope(ByteView envelope, const PublicKey& sender,
                                     const SealingKey& recipient);
// For a new sender whose key is in the payload (enrolment): opens the envelope, lets `find_key`
// take the sender's key from the payload, and then verifies the signature with it. This proves only
// that the holder of that key sent the envelope; the caller decides whether to accept the key (with
// a one-time token).
using SenderKeyFinder = std::function<Result<PublicKey>(const EnvelopeHeader&, ByteView payload)>;
Result<OpenedEnvelope> open_first_envelope(ByteView envelope, const SealingKey& recipient,
                                           const SenderKeyFinder& find_key);

// A statement is JSON text and a signature over exactly these bytes under its domain:
// {"signed":"<the JSON, as a string>","signature":"<base64>"}.
std::string sign_statement(const json::value& statement, std::string_view domain,
                           const SigningKey& key);
Result<json::value> verify_statement(std::string_view text, std::string_view domain,
                                     const PublicKey& key);  // kUntrusted

}  // namespace rootlet
