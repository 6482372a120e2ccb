// Withdrawing a dataset: nothing of it is published any more, and every office erases it.
#pragma once

#include "platform/realm/registry.hpp"
#include "platform/repository/repository.hpp"

namespace rootlet::platform {

struct Withdrawal {
  std::size_t grants = 0;               // that ended
  std::size_t streams = 0;              // that are no longer published
  std::uint64_t rows = 0;               // of them
  std::vector<std::string> forms = {};  // that prefill from it, and find nothing there any more
};

// For good: all grants for it end, which orders every office to erase it at its next contact; its
// packs leave the repository, and its keys and published rows this realm. Records that were taken
// in stay. Its id is never used again. kUsage if there is no such dataset, or it is withdrawn
// already.
Result<Withdrawal> withdraw_dataset(Realm& realm, const std::string& id, const std::string& reason,
                                    UnixTime now);

}  // namespace rootlet::platform
