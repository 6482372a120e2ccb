// New keys for the roles that sign online, and for records and enrolment. The root names the keys
// of timestamp, snapshot and targets, so these need the holders of root keys; targets names all
// others. Offices follow by themselves. A role's old key is forgotten at once, and what it signed
// and is still in use is signed anew: nothing published depends on it. Of service keys (receipt,
// judgement, ingest, enrolment, answer) the old ones stay for what is on its way, unless they were
// stolen.
#pragma once

#include "platform/keys/root_change.hpp"
#include "platform/realm/realm.hpp"

namespace rootlet::platform {

struct RoleKey {
  std::string role;
  std::string key_id;
  bool is_named_by_root = false;
};
// Of every role but root, those that root names first, and the service keys.
Result<std::vector<RoleKey>> role_keys(Realm& realm);

bool is_named_by_root(std::string_view role);
bool is_service_key(std::string_view name);
// kUsage, naming the roles there are, unless every role is one of role_keys().
Status check_roles(Registry& registry, const std::vector<std::string>& roles);

// Makes the next key of each role, which takes effect when the root that names it is published
// (publish_draft()); the one made before for that purpose is forgotten. Takes the realm's lock.
Result<RootChange> prepare_online_keys(Realm& realm, const std::vector<std::string>& roles);

struct KeyRotation {
  std::size_t packs = 0;    // signed again
  std::size_t damaged = 0;  // packs that were damaged on disk: their datasets' next publish heals
};
enum class OldKeys { kKeepForService, kForget };
// Gives each role, none of them named by root, a new key. Takes the realm's lock.
Result<KeyRotation> rotate_delegated_keys(Realm& realm, const std::vector<std::string>& roles,
                                          OldKeys old_keys, UnixTime now);

}  // namespace rootlet::platform
