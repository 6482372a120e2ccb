// The files of signed metadata in the repository.
#pragma once

#include <filesystem>
#include <vector>

#include "platform/homes/tables.hpp"

namespace rootlet::platform {

// In the order given. Leaves a file with the same bytes untouched, so that its ETag stays the same.
Status write_metadata_files(const std::filesystem::path& repository,
                            const std::vector<RoleMetadata>& entries);
// Removes old versions of these roles, except those that clients in the middle of an update may
// want; every version of root stays.
Status sweep_metadata_files(const std::filesystem::path& repository,
                            const std::vector<RoleMetadata>& entries);
// Leaves a file with the same bytes untouched.
Status write_if_different(const std::filesystem::path& path, ByteView bytes);

}  // namespace rootlet::platform
