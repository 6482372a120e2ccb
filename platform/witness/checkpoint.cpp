// The text form of checkpoints and cosignatures.
#include "platform/witness/checkpoint.hpp"

#include <algorithm>
#include <charconv>

#include "core/limits.hpp"
#include "core/unicode/utf8.hpp"
#include "sync/trust/metadata/bare_signature.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kDash = "\u2014 ";  // begins a line of a signature
constexpr std::uint8_t kCosignature = 4;       // the type of Ed25519 cosignatures with a time
constexpr std::size_t kKeyIdBytes = 4, kTimeBytes = 8;

Error refuse(std::string_view what, std::string_view detail) {
  return fail(ErrorCode::kUntrusted, std::string(what) + ": " + std::string(detail));
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= limits::kNameBytes &&
         std::ranges::all_of(name, [](char c) { return c > ' ' && c < '\x7f' && c != '+'; });
}

Bytes key_id(std::string_view name, std::uint8_t type, const PublicKey& key) {
  Bytes bytes = to_bytes(std::string(name) + "\n");
  bytes.push_back(type);
  bytes.insert(bytes.end(), key.begin(), key.end());
  const Hash256 hash = sha256(bytes);
  return {hash.begin(), hash.begin() + kKeyIdBytes};
}

// Only the canonical form: no sign, no leading zero.
template <typename Number>
std::optional<Number> decimal(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return std::to_string(value) == text ? std::optional(value) : std::nullopt;
}

// Without unused bits in its last character.
Result<Bytes> canonical_base64(std::string_view text) {
  ROOTLET_TRY(Bytes bytes, from_base64(text));
  if (to_base64(bytes) == text) return bytes;
  return bad_input("is not canonical base64", "");
}

std::string text_of(const Checkpoint& checkpoint) {
  return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" +
         to_base64(checkpoint.root) + "\n";
}

std::string message_of(std::string_view text, std::uint64_t seconds) {
  return "cosignature/v1\ntime " + std::to_string(seconds) + "\n" + std::string(text);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

Result<NoteSignature> parse_signature(std::string_view line, std::string_view what) {
  if (!line.starts_with(kDash)) return refuse(what, "a line after the blank one is no signature");
  line.remove_prefix(kDash.size());
  const std::size_t blank = line.find(' ');
  const std::string_view name = line.substr(0, blank);
  if (blank == std::string_view::npos || name.empty() || name.find('+') != std::string::npos) {
    return refuse(what, "a signature without a name");
  }
  const Result<Bytes> bytes = canonical_base64(line.substr(blank + 1));
  if (bytes.has_error() || bytes.value().size() <= kKeyIdBytes) {
    return refuse(what, "a signature that is not base64");
  }
  return NoteSignature{.name = std::string(name), .bytes = bytes.value()};
}

Result<Checkpoint> parse_text(std::string_view text, std::string_view what) {
  const std::vector<std::string_view> lines = lines_of(text);
  if (lines.size() != 3) return refuse(what, "a checkpoint has three lines before the blank one");
  const std::optional<std::uint64_t> size = decimal<std::uint64_t>(lines[1]);
  const Result<Bytes> root = canonical_base64(lines[2]);
  if (lines[0].empty()) return refuse(what, "line 1: the origin is empty");
  if (!size.has_value()) return refuse(what, "line 2: the size is not a number");
  const auto hash = root.has_value() ? hash_from_bytes(root.value()) : std::nullopt;
  if (!hash.has_value()) return refuse(what, "line 3: the root hash is not 32 bytes in base64");
  return Checkpoint{.origin = std::string(lines[0]), .size = *size, .root = *hash};
}

// The time that the signature names; nullopt if it is not a signature of `text` by `key`.
std::optional<UnixTime> time_of(ByteView signature, std::string_view text, const PublicKey& key) {
  if (signature.size() != kTimeBytes + Signature{}.size()) return std::nullopt;
  std::uint64_t seconds = 0;
  for (const std::uint8_t byte : signature.first(kTimeBytes)) seconds = seconds << 8 | byte;
  constexpr std::uint64_t kLatest = 253'402'300'799;  // the year 9999: what format_time() writes
  if (seconds > kLatest) return std::nullopt;
  const std::string message = message_of(text, seconds);
  if (!verify_bare(key, as_bytes(message), signature.subspan(kTimeBytes))) return std::nullopt;
  return UnixTime(std::chrono::seconds(seconds));
}

}  // namespace

Status check_witness_name(std::string_view name) {
  if (is_name(name)) return ok();
  return bad_input("name: a witness's name has 1 to " + std::to_string(limits::kNameBytes) +
                       " letters, digits and signs of ASCII, and neither blanks nor +",
                   "name");
}

std::string note_key_id(std::string_view name, std::uint8_t type, const PublicKey& key) {
  return to_hex(key_id(name, type, key));
}

std::string encode_verifier_key(const WitnessKey& witness) {
  Bytes key{kCosignature};
  key.insert(key.end(), witness.key.begin(), witness.key.end());
  return witness.name + "+" + note_key_id(witness.name, kCosignature, witness.key) + "+" +
         to_base64(key);
}

Result<WitnessKey> parse_verifier_key(std::string_view text) {
  constexpr std::string_view kWhat = "a witness's key";
  const std::size_t first = text.find('+');
  const std::size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos) return refuse(kWhat, "is not name+id+key");
  const Result<Bytes> bytes = from_base64(text.substr(second + 1));
  if (bytes.has_error() || bytes.value().empty() || bytes.value().front() != kCosignature) {
    return refuse(kWhat, "is not an Ed25519 key for cosignatures");
  }
  const Result<PublicKey> key = public_key_from(ByteView(bytes.value()).subspan(1));
  if (key.has_error()) return refuse(kWhat, key.error().message);
  WitnessKey witness{.name = std::string(text.substr(0, first)), .key = key.value()};
  if (!is_name(witness.name)) return refuse(kWhat, "its name is not allowed");
  if (encode_verifier_key(witness) != text) return refuse(kWhat, "its id is another key's");
  return witness;
}

std::string cosign(const Checkpoint& checkpoint, const std::string& name, const SigningKey& key,
                   UnixTime at) {
  const std::string text = text_of(checkpoint);
  const auto seconds = static_cast<std::uint64_t>(at.time_since_epoch().count());
  Bytes bytes = key_id(name, kCosignature, key.public_key);
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<std::uint8_t>(seconds >> shift));
  }
  const Signature signature = sign_bare(key, as_bytes(message_of(text, seconds)));
  bytes.insert(bytes.end(), signature.begin(), signature.end());
  return text + "\n" + std::string(kDash) + name + " " + to_base64(bytes) + "\n";
}

Result<SignedCheckpoint> parse_checkpoint(ByteView file, std::string_view what) {
  if (file.size() > limits::kCheckpointBytes) {
    return refuse(what, "more than " + std::to_string(limits::kCheckpointBytes) + " bytes");
  }
  const std::string_view text = as_text(file);
  const bool has_control = std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < ' ' && c != '\n'; });
  if (!is_utf8(text) || has_control || !text.ends_with('\n')) {
    return refuse(what, "is not a note of plain lines");
  }
  const std::size_t blank = text.rfind("\n\n");
  if (blank == std::string_view::npos) return refuse(what, "has no blank line");
  SignedCheckpoint note;
  note.text = text.substr(0, blank + 1);
  ROOTLET_TRY(note.checkpoint, parse_text(note.text, what));
  const std::vector<std::string_view> lines = lines_of(text.substr(blank + 2));
  if (lines.empty()) return refuse(what, "has no signature");
  if (lines.size() > limits::kCheckpointSignatures) return refuse(what, "too many signatures");
  for (const std::string_view line : lines) {
    ROOTLET_TRY(NoteSignature signature, parse_signature(line, what));
    note.signatures.push_back(std::move(signature));
  }
  return note;
}

Result<UnixTime> verify_cosignature(const SignedCheckpoint& note, const WitnessKey& witness) {
  const Bytes id = key_id(witness.name, kCosignature, witness.key);
  for (const NoteSignature& signature : note.signatures) {
    const ByteView bytes = signature.bytes;
    const bool is_of_witness =
        signature.name == witness.name && std::ranges::equal(bytes.first(kKeyIdBytes), id);
    if (!is_of_witness) continue;
    const auto at = time_of(bytes.subspan(kKeyIdBytes), note.text, witness.key);
    if (at.has_value()) return *at;
    return refuse("checkpoint", "the signature of " + witness.name + " does not verify");
  }
  return refuse("checkpoint", "not signed by " + witness.name);
}

}  // namespace rootlet::platform
