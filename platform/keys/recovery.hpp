// Recovery after a theft of keys, step by step. What was stolen is noted in the registry, by the
// ids of the keys; a step is done when the realm no longer uses them, however that came about. So a
// recovery may be interrupted, and signatures may take days to gather.
//
//   1. root: new keys of timestamp and snapshot, and of targets if stolen; stolen root keys go.
//      First, because with these keys a thief publishes. Clients that see other keys of timestamp
//      and snapshot drop the versions that they held (TUF 5.3.11), so offices that were fed the
//      thief's metadata heal by themselves.
//   2. roles: new keys of the stolen roles and services that targets names; what roles signed is
//      signed anew.
//   3. content: new content keys, if these were stolen, so that the thief opens nothing later.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "platform/keys/root_change.hpp"
#include "platform/realm/realm.hpp"

namespace rootlet::platform {

struct Theft {
  std::map<std::string, std::string> roles = {};     // the id of the stolen key, by role
  std::vector<std::string> root_keys = {};           // ids
  std::map<std::string, std::uint32_t> epochs = {};  // the newest stolen content keys, by dataset
};

enum class RecoveryStep { kRoot, kRoles, kContent, kDone };
std::string_view name_of(RecoveryStep step);

// What of a theft is still in use. Pure.
struct RecoveryState {
  std::vector<std::string> root_roles = {};  // named by root, with the stolen key
  std::vector<std::string> root_keys = {};   // stolen ones that the root still names
  std::vector<std::string> roles = {};       // named by targets, with the stolen key
  std::vector<std::string> datasets = {};    // with stolen content keys
  RecoveryStep next() const;
};

// Which keys lie together in one home: "serving", "intake", "publishing" or "all"; else a role.
// kUsage for a word that is neither.
Result<Theft> theft_of(Realm& realm, const std::vector<std::string>& stolen,
                       const std::vector<std::string>& root_keys);

// Adds `theft` to the one that is noted. Takes the realm's lock, as the functions below.
Status note_theft(Realm& realm, const Theft& theft);
Result<std::optional<Theft>> noted_theft(Registry& registry);
Result<RecoveryState> recovery_state(Realm& realm, const Theft& theft);

// Step 1, for the root that is to be signed. kUsage if so many root keys were stolen that the rest
// cannot sign.
Result<RootChange> recovery_root(Realm& realm, const RecoveryState& state);
Status recover_roles(Realm& realm, const RecoveryState& state, UnixTime now);  // step 2
// Step 3; how many streams moved to new keys.
Result<std::size_t> recover_content(Realm& realm, const RecoveryState& state, UnixTime now);
Status forget_theft(Realm& realm);

}  // namespace rootlet::platform
