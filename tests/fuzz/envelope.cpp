// Envelopes, statements and grant files from anywhere: reading never crashes, and an envelope that
// is read at all has exactly one form: flipping any of its bytes gives another header or a refusal.
#include "sync/trust/office/envelope.hpp"

#include <cstdlib>

#include "core/format/json.hpp"
#include "sync/trust/office/grant.hpp"

namespace {

using namespace rootlet;

struct Keys {
  SigningKey sender = SigningKey::from_seed(SymmetricKey());
  SealingKey recipient = SealingKey::generate();
};

const Keys& keys() {
  static const Keys kKeys;
  return kKeys;
}

void read_envelope(ByteView bytes) {
  const Result<EnvelopeHeader> header = peek_envelope(bytes);
  if (header.has_error() && header.error().code != ErrorCode::kUntrusted) std::abort();
  // Nobody outside has the signing key, so nothing from outside may verify.
  if (verify_envelope(bytes, keys().sender.public_key).has_value()) std::abort();
  if (open_envelope(bytes, keys().sender.public_key, keys().recipient).has_value()) std::abort();
}

// The bytes as a payload and a header of our own: always opens, never after a change.
void round_trip(ByteView bytes) {
  if (bytes.empty()) return;
  const EnvelopeHeader header{.type = "batch",
                              .realm = "r",
                              .from = "o",
                              .to = "platform",
                              .chain = "l",
                              .sequence = bytes[0],
                              .previous = {}};
  Bytes envelope = seal_envelope(header, bytes, keys().sender, keys().recipient.public_key);
  const auto opened = open_envelope(envelope, keys().sender.public_key, keys().recipient);
  if (opened.has_error() || opened.value().payload != to_bytes(bytes)) std::abort();
  envelope[(bytes[0] * 257U + bytes.size()) % envelope.size()] ^= 1;
  if (verify_envelope(envelope, keys().sender.public_key).has_value()) std::abort();
}

void read_texts(ByteView bytes) {
  const auto statement = verify_statement(as_text(bytes), "fuzz", keys().sender.public_key);
  if (statement.has_value()) std::abort();
  const Result<GrantFile> grant = parse_grant_file(as_text(bytes));
  if (grant.has_error()) {
    if (grant.error().code != ErrorCode::kUntrusted) std::abort();
    return;
  }
  const std::string again = encode_grant_file(grant.value());
  const Result<GrantFile> twice = parse_grant_file(again);
  if (twice.has_error() || encode_grant_file(twice.value()) != again) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool kStarted = (initialise_crypto(), true);
  if (!kStarted || size == 0) return 0;
  const ByteView rest = ByteView(data, size).subspan(1);
  switch (data[0] % 3) {
    case 0:
      read_envelope(rest);
      break;
    case 1:
      round_trip(rest);
      break;
    default:
      read_texts(rest);
      break;
  }
  return 0;
}
