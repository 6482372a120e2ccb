// The key that opens the databases of one home of a realm: 32 bytes in a file of mode 0600.
#pragma once

#include <filesystem>

#include "core/crypto.hpp"

namespace rootlet::platform {

// kUsage if others may read the file, kStorageDamaged if it is missing or has another length.
Result<SymmetricKey> load_home_key(const std::filesystem::path& file);
Result<SymmetricKey> make_home_key(const std::filesystem::path& file);

}  // namespace rootlet::platform
