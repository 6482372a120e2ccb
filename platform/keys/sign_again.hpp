// Marks what a key has signed, so that the next stage of the repository signs it with the role's
// key of then. Inside the caller's transaction of the registry.
#pragma once

#include "platform/realm/realm.hpp"

namespace rootlet::platform {

// Every pack of the directory. Nodes get new versions, because they say where the packs below them
// lie; streams with a history keep theirs and get a snapshot.
Status remake_directory(Registry& registry);

// Gives the live packs of a dataset the signature of `publisher`, in a new file. Their sections,
// and so what they do, stay byte for byte. Packs that are damaged on disk are retired: the
// dataset's next publish makes others. Returns how many were signed. Before the caller's
// transaction.
struct ResignedPacks {
  std::vector<PackEntry> before, after;
  std::size_t damaged = 0;
};
Result<ResignedPacks> resign_packs(Realm& realm, const std::string& dataset,
                                   const SigningKey& publisher, UnixTime now);
// Puts them in the place of those before.
Status take_resigned(Registry& registry, const ResignedPacks& packs, UnixTime now);

}  // namespace rootlet::platform
