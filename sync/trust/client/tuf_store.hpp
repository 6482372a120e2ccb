// The folder of trusted metadata: root.json, timestamp.json, snapshot.json, targets.json and one
// file for each delegated role that was needed, each with the exact bytes that were verified. What
// is read back is verified again, so a damaged file costs a download and nothing more; only a
// damaged root.json stops the client.
#pragma once

#include <filesystem>
#include <optional>

#include "core/file/file.hpp"

namespace rootlet {

class TufStore {
 public:
  explicit TufStore(fs::path folder) : folder_(std::move(folder)) {}

  // nullopt when there is no such file, when it is too large, or when it cannot be read.
  std::optional<Bytes> load(std::string_view role) const;
  // Whole or not at all, durable on return.
  Status save(std::string_view role, ByteView file) const;
  Status remove(std::string_view role) const;
  const fs::path& folder() const { return folder_; }

 private:
  fs::path folder_;
};

// The most bytes that metadata of this role may have.
std::size_t metadata_limit(std::string_view role);

}  // namespace rootlet
