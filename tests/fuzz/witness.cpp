// What witnesses and offices hand over, from anywhere: reading never crashes, refuses in one way,
// and what is read comes back as the same bytes. The first byte chooses the form.
#include <cstdlib>

#include "core/limits.hpp"
#include "platform/witness/exchange.hpp"

namespace {

using namespace rootlet;
using namespace rootlet::platform;

template <typename Value>
void check_refusal(const Result<Value>& read, ErrorCode code) {
  if (read.has_error() && read.error().code != code) std::abort();
}

void read_checkpoint(ByteView bytes) {
  const Result<SignedCheckpoint> note = parse_checkpoint(bytes, "fuzz");
  check_refusal(note, ErrorCode::kUntrusted);
  if (note.has_error()) return;
  if (note.value().signatures.size() > limits::kCheckpointSignatures) std::abort();
  const SigningKey key = SigningKey::from_seed(SymmetricKey());
  const std::string again =
      cosign(note.value().checkpoint, "fuzz.example", key, UnixTime(std::chrono::seconds(1)));
  if (!again.starts_with(note.value().text + "\n")) std::abort();
  const Result<SignedCheckpoint> twice = parse_checkpoint(as_bytes(again), "fuzz");
  if (twice.has_error() || twice.value().text != note.value().text) std::abort();
  for (const NoteSignature& signature : note.value().signatures) {
    const Result<UnixTime> at = verify_cosignature(note.value(), {signature.name, key.public_key});
    check_refusal(at, ErrorCode::kUntrusted);
  }
}

void read_sightings(std::string_view text) {
  const Result<std::vector<Sighting>> seen = parse_sightings(text, "fuzz");
  check_refusal(seen, ErrorCode::kUntrusted);
  if (seen.has_error()) return;
  std::string again;
  for (const Sighting& one : seen.value()) again += encode_sighting(one);
  if (again != text) std::abort();
  static_cast<void>(root_of(seen.value(), seen.value().size()));  // bounded by the text
}

void read_key(std::string_view text) {
  const Result<WitnessKey> key = parse_verifier_key(text);
  check_refusal(key, ErrorCode::kUntrusted);
  if (key.has_value() && encode_verifier_key(key.value()) != text) std::abort();
}

void read_status(std::string_view text) {
  const Result<Viewer> viewer = parse_office_view(text, "fuzz");
  check_refusal(viewer, ErrorCode::kBadInput);
  if (viewer.has_error()) return;
  const Viewer viewers[] = {viewer.value(), viewer.value()};
  if (!compare_views(viewers).forks.empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool kStarted = (initialise_crypto(), true);
  if (!kStarted || size == 0) return 0;
  const ByteView rest = ByteView(data, size).subspan(1);
  switch (data[0] % 4) {
    case 0:
      read_checkpoint(rest);
      break;
    case 1:
      read_sightings(as_text(rest));
      break;
    case 2:
      read_key(as_text(rest));
      break;
    default:
      read_status(as_text(rest));
  }
  return 0;
}
