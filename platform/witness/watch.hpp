// One round of a witness: follows a realm's repository as any TUF client does, keeps every version
// of the directory that it is shown, and signs a checkpoint over all it has seen. It needs nothing
// of the realm but a root.
//
// Its folder, one process at a time:
//   witness.key   its name and secret key, mode 0600
//   trust/        the trusted metadata of a TUF client
//   public/       what everybody may see (public_folder.hpp)
//
// A power cut costs at most the round: files come first, then the log, then the checkpoint.
#pragma once

#include "platform/witness/public_folder.hpp"
#include "sync/trust/client/tuf_fetcher.hpp"

namespace rootlet::platform {

// Makes the folder unless it is a witness's already. Without a name it gets one of its key. `root`
// is needed the first time (else kUsage), and must be the same later.
Status prepare_witness(const fs::path& folder, std::string_view name,
                       const std::optional<Bytes>& root);

struct WatchRound {
  Sighting newest;        // what the repository shows now
  std::size_t added = 0;  // versions that this round saw first
  std::size_t size = 0;   // of the log
};

// kUntrusted if the repository goes back or is not signed: nothing is added then.
Result<WatchRound> watch_once(const fs::path& folder, TufFetcher& fetcher, const Clock& clock);

}  // namespace rootlet::platform
