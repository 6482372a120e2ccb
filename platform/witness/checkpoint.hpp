// Checkpoints of a log as signed notes, and the cosignatures of witnesses under them
// (c2sp.org/tlog-checkpoint, c2sp.org/signed-note, c2sp.org/tlog-cosignature; docs/FORMATS.md,
// "Witness"). Pure: values in, text out. Refuses a note that is not exactly of this form.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/crypto.hpp"

namespace rootlet::platform {

struct Checkpoint {
  std::string origin;      // which log
  std::uint64_t size = 0;  // its lines
  Hash256 root{};          // tree_head.hpp
};

struct NoteSignature {
  std::string name;
  Bytes bytes;  // 4 bytes: key id; then the signature
};

struct SignedCheckpoint {
  Checkpoint checkpoint;
  std::string text;  // what is signed: lines, the last newline included
  std::vector<NoteSignature> signatures;
};

// A witness as others know it.
struct WitnessKey {
  std::string name;
  PublicKey key{};
  bool operator==(const WitnessKey&) const = default;
};

// kBadInput unless it is 1 to 64 visible characters without blanks and plus signs.
Status check_witness_name(std::string_view name);

// "<name>+<key id>+<base64>": the form in which people hand a key over.
std::string encode_verifier_key(const WitnessKey& witness);
Result<WitnessKey> parse_verifier_key(std::string_view text);  // kUntrusted

// The first 4 bytes of SHA-256 over name, newline, type and key, in hex.
std::string note_key_id(std::string_view name, std::uint8_t type, const PublicKey& key);

// The whole file, signed by the witness alone.
std::string cosign(const Checkpoint& checkpoint, const std::string& name, const SigningKey& key,
                   UnixTime at);
Result<SignedCheckpoint> parse_checkpoint(ByteView file, std::string_view what);  // kUntrusted
// When the witness signed; kUntrusted unless it did. Signatures of others are skipped.
Result<UnixTime> verify_cosignature(const SignedCheckpoint& note, const WitnessKey& witness);

}  // namespace rootlet::platform
