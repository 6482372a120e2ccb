// The folder of trusted metadata: root.json, timestamp.json, snapshot.json, targets.json and one
// file for each delegated role in use, each with exactly the verified bytes. The client verifies
// each file again when it loads it, so a damaged file costs one download; only a damaged root.json
// stops the client.
#pragma once

#include <filesystem>
#include <optional>

#include "core/file/file.hpp"

namespace rootlet {

class TufStore {
 public:
  explicit TufStore(fs::path folder) : folder_(std::move(folder)) {}

  // nullopt if the file is missing, too large or unreadable.
  std::optional<Bytes> load(std::string_view role) const;
  // Atomic, and durable on return.
  Status save(std::string_view role, ByteView file) const;
  Status remove(std::string_view role) const;
  const fs::path& folder() const { return folder_; }

 private:
  fs::path folder_;
};

// The size limit of this role's metadata, in bytes.
std::size_t metadata_limit(std::string_view role);

}  // namespace rootlet
