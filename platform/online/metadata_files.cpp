// Writing and removing files of metadata.
#include "platform/online/metadata_files.hpp"

#include <algorithm>

#include "core/file/file.hpp"
#include "core/limits.hpp"
#include "sync/trust/metadata/tuf_signer.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kComparedBytes = 16 * limits::kMiB;  // no metadata or grant is larger
// Versions that stay for clients in the middle of an update.
constexpr std::int64_t kOldMetadataKept = 16;

}  // namespace

Status write_if_different(const std::filesystem::path& path, ByteView bytes) {
  const Result<Bytes> held = read_file(path, kComparedBytes);
  if (held.has_value() && std::ranges::equal(held.value(), bytes)) return ok();
  ROOTLET_TRY(make_directory(path.parent_path()));
  return write_file_atomically(path, bytes);
}

Status write_metadata_files(const std::filesystem::path& repository,
                            const std::vector<RoleMetadata>& entries) {
  for (const auto& [role, entry] : entries) {
    ROOTLET_TRY(const std::string name, published_file_name(role, entry.version));
    ROOTLET_TRY(write_if_different(repository / "metadata" / name, entry.file));
  }
  return ok();
}

Status sweep_metadata_files(const std::filesystem::path& repository,
                            const std::vector<RoleMetadata>& entries) {
  for (const auto& [role, entry] : entries) {
    if (role == kTufRoot || role == kTufTimestamp) continue;
    for (std::int64_t old = entry.version - kOldMetadataKept; old > 0; --old) {
      ROOTLET_TRY(const std::string name, published_file_name(role, old));
      const std::filesystem::path path = repository / "metadata" / name;
      std::error_code unknown;
      if (!std::filesystem::exists(path, unknown)) break;
      ROOTLET_TRY(remove_file(path));
    }
  }
  return ok();
}

}  // namespace rootlet::platform
