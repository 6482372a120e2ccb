// The realm's offices: invitations, enrolment and grants. Each call that writes takes the realm's
// lock and publishes the change.
#pragma once

#include <functional>

#include "platform/office/coverage.hpp"
#include "platform/repository/repository.hpp"

namespace rootlet::platform {

inline constexpr std::chrono::days kInvitationLife{30};

struct NewOffice {
  std::string id, division = {}, name = {};
  std::string url = {};     // replaces the realm's URL
  std::string ca_pem = {};  // to pin, if no public CA signed the gateway's certificate
};

// Returns the invitation as JSON text for the office. An office that has not enrolled yet may be
// invited again, which voids the older invitation. kUsage for an enrolled office.
Result<std::string> invite_office(Realm& realm, const NewOffice& office, UnixTime now);

// For an office whose machine was lost or replaced: its signing and sealing keys are void from now
// on and its grant file leaves the repository, until a machine enrols with the invitation that this
// returns; an older invitation is void too. The office keeps its grants and records. What it holds
// gets new content keys, so that the old machine opens nothing later. `machine` names the id, and
// the address if it differs from the realm's. kNotPermitted for a suspended or revoked office.
Result<std::string> reinvite_office(Realm& realm, const NewOffice& machine, UnixTime now);

// Enrols the office that made `request` from its invitation, and returns the signed answer. A
// repeated request, or another with the same keys, gets the same answer. kNotPermitted if the token
// is unknown, expired, or used with other keys; kUntrusted if the bytes are not a request for this
// realm. Only a request with a valid token waits for the realm's lock; kBusy after `lock_wait`.
Result<std::string> enrol_office(Realm& realm, ByteView request, UnixTime now,
                                 std::chrono::milliseconds lock_wait = kRealmLockWait);

// Whether a grant must cover published partitions (coverage.hpp).
enum class CoverageRule { kRequired, kAnyway };

// A grant without divisions gets default_divisions(). Returns the grant as it was saved. kUsage for
// an unknown office or dataset, or if the office has a grant for it; kNotPermitted if the dataset
// is not shared or a purpose is not among its uses; kBadInput with the field otherwise.
Result<Grant> add_grant(Realm& realm, const std::string& office, Grant grant, CoverageRule rule,
                        UnixTime now);

struct ChangedGrant {
  Grant before, after;
};
// Applies `edit` to the office's grant, which must exist: kUsage. Errors as add_grant().
Result<ChangedGrant> change_grant(Realm& realm, const std::string& office,
                                  const std::string& dataset, CoverageRule rule,
                                  const std::function<Status(Grant&)>& edit, UnixTime now);
Status remove_grant(Realm& realm, const std::string& office, const std::string& dataset,
                    UnixTime now);

Result<OfficeEntry> find_office(Registry& registry, const std::string& id);  // kUsage

}  // namespace rootlet::platform
