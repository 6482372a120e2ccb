// File names and size limits of stored metadata.
#include "sync/trust/client/tuf_store.hpp"

#include "core/limits.hpp"
#include "sync/trust/metadata/tuf_metadata.hpp"
#include "sync/trust/metadata/tuf_names.hpp"

namespace rootlet {

std::size_t metadata_limit(std::string_view role) {
  if (role == kTufRoot) return limits::kRootBytes;
  if (role == kTufTimestamp) return limits::kTimestampBytes;
  if (role == kTufSnapshot) return limits::kSnapshotBytes;
  return limits::kTargetsBytes;
}

std::optional<Bytes> TufStore::load(std::string_view role) const {
  const Result<std::string> name = metadata_file_name(role);
  if (name.has_error()) return std::nullopt;
  std::error_code ignored;
  const fs::path path = folder_ / name.value();
  if (!fs::is_regular_file(path, ignored)) return std::nullopt;
  Result<Bytes> file = read_file(path, metadata_limit(role));
  if (file.has_error()) return std::nullopt;
  return std::move(file).value();
}

Status TufStore::save(std::string_view role, ByteView file) const {
  ROOTLET_TRY(const std::string name, metadata_file_name(role));
  return write_file_atomically(folder_ / name, file);
}

Status TufStore::remove(std::string_view role) const {
  ROOTLET_TRY(const std::string name, metadata_file_name(role));
  ROOTLET_TRY(remove_file(folder_ / name));
  return sync_directory(folder_);
}

}  // namespace rootlet
