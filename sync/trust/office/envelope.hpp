// Two forms for everything that is said to one party: an envelope (sealed to the recipient, signed
// by the sender) and a statement (signed, open). Both bind realm, type, sender, recipient, line,
// sequence and the hash of the one before, so that nothing can be replayed elsewhere
// (docs/FORMATS.md, "Envelope").
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
  std::string chain;  // office's line for batches, else ""
  std::uint64_t sequence = 0;
  Hash256 previous{};  // hash of the envelope before in this line; zero for the first
  bool operator==(const EnvelopeHeader&) const = default;
};

// BLAKE2b-256 of the envelope's bytes: its name in receipts and in `previous`.
Hash256 envelope_hash(ByteView envelope);

Bytes seal_envelope(const EnvelopeHeader& header, ByteView payload, const SigningKey& sender,
                    const PublicKey& recipient);

// The header, for routing; nothing in it is trusted until `verify_envelope`.
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
// For the first word of a stranger, whose key is told inside (enrolment): opens, lets `find_key`
// take the sender's key out of the payload, and only then verifies the signature with it. That the
// key is welcome is for the caller to decide (a one-time token); the result only says that its
// holder spoke.
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
