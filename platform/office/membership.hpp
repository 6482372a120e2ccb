// Who belongs to the realm: invitations, enrolment, grants. Each call that writes takes the realm's
// lock and publishes what changed.
#pragma once

#include "platform/repository/repository.hpp"

namespace rootlet::platform {

inline constexpr std::chrono::days kInvitationLife{30};

struct NewOffice {
  std::string id, division, name;
  std::string url = {};     // instead of the realm's
  std::string ca_pem = {};  // to pin, when the gateway's certificate is nobody else's
};

// The invitation as JSON text, to be carried to the office. An office that was invited but never
// came may be invited again; the older invitation is then void. kUsage for one that is enrolled.
Result<std::string> invite_office(Realm& realm, const NewOffice& office, UnixTime now);

// Takes in the request that an office made from its invitation. The same request, or another with
// the same keys, gets the same answer as often as it comes. Gives the signed answer; kNotPermitted
// for a token that is unknown, used by other keys, or expired; kUntrusted for bytes that are no
// request of this realm.
Result<std::string> enrol_office(Realm& realm, ByteView request, UnixTime now);

// Replaces the office's grant for the dataset. kUsage for an unknown office or dataset,
// kNotPermitted for a purpose that is not among the dataset's uses or a dataset that is not shared.
Status add_grant(Realm& realm, const std::string& office, const Grant& grant, UnixTime now);
Status remove_grant(Realm& realm, const std::string& office, const std::string& dataset,
                    UnixTime now);

Result<OfficeEntry> find_office(Registry& registry, const std::string& id);  // kUsage

}  // namespace rootlet::platform
