// Drafts of a root from anywhere: reading never crashes, refuses in one of two ways, and no draft
// from outside has signatures by keys that it does not name.
#include "platform/keys/root_draft.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rootlet;
  using namespace rootlet::platform;
  static const bool kStarted = (initialise_crypto(), true);
  if (!kStarted) return 0;
  const Result<RootDraft> draft = parse_draft(as_text(ByteView(data, size)), "fuzz");
  if (draft.has_error()) {
    const ErrorCode code = draft.error().code;
    if (code != ErrorCode::kBadInput && code != ErrorCode::kUntrusted) std::abort();
    return 0;
  }
  const DraftSignatures signatures = count_signatures(draft.value());
  if (signatures.current < 0 || signatures.next < 0) std::abort();
  static_cast<void>(describe_draft(draft.value()));
  const Result<RootDraft> again = parse_draft(as_text(encode_draft(draft.value())), "fuzz");
  if (again.has_error() || again.value().realm_id != draft.value().realm_id) std::abort();
  if (names_key(draft.value(), SigningKey::from_seed(SymmetricKey()).public_key)) std::abort();
  return 0;
}
