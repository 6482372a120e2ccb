// Metadata from anywhere: parsing never crashes, and what parses has signed bytes that are the
// canonical form of its signed part. The first byte chooses the kind; a second line of input, if
// there is one, is tried as a path pattern.
#include "sync/trust/metadata/tuf_metadata.hpp"

#include <cstdlib>

#include "core/crypto.hpp"
#include "sync/trust/metadata/tuf_names.hpp"

namespace {

using namespace rootlet;

template <typename T>
void read(ByteView file) {
  const Result<Signed<T>> metadata = parse_metadata<T>(file, "fuzz");
  if (metadata.has_error()) {
    if (metadata.error().code != ErrorCode::kUntrusted) std::abort();
    return;
  }
  const Result<std::string> canonical = canonical_json(metadata.value().signed_part);
  if (canonical.has_error() || canonical.value() != metadata.value().signed_bytes) std::abort();
  if (metadata.value().version < 1) std::abort();
}

void read_targets(ByteView file) {
  read<TufTargets>(file);
  const Result<Signed<TufTargets>> metadata = parse_metadata<TufTargets>(file, "fuzz");
  if (metadata.has_error()) return;
  for (const auto& [path, target] : metadata.value().body.targets) {
    for (const TufDelegation& delegation : metadata.value().body.delegations) {
      (void)delegation.covers(path);
    }
    const std::string name = target_file_name(path);
    if (name.empty() != path.empty() || name.find('/') != std::string::npos) std::abort();
    if (name.starts_with('.') || name.size() > 255) std::abort();
    const Result<std::string> address = target_address(path, target.hashes.front().second);
    if (address.has_value() && address.value().find("/../") != std::string::npos) std::abort();
  }
}

void match(std::string_view text) {
  const std::size_t line = text.find('\n');
  if (line != std::string_view::npos) {
    (void)path_matches(text.substr(0, line), text.substr(line + 1));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView file(data + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      read<TufRoot>(file);
      break;
    case 1:
      read<TufTimestamp>(file);
      break;
    case 2:
      read<TufSnapshot>(file);
      break;
    case 3:
      read_targets(file);
      break;
    default:
      match(as_text(file));
  }
  return 0;
}
