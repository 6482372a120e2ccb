// Checks what is published of the directory: every pack of it is whole, signed, opens under its key
// and says what follows from the registry; every node is named by the node above it; the news are
// copies of what is published. Changes nothing.
#pragma once

#include <string>
#include <vector>

#include "platform/realm/realm.hpp"

namespace rootlet::platform {

struct DirectoryCheck {
  std::uint64_t streams = 0, packs = 0, news = 0;
  std::vector<std::string> problems;  // one line each
};

// An error means that the check could not finish.
Result<DirectoryCheck> check_directory(Realm& realm);

}  // namespace rootlet::platform
