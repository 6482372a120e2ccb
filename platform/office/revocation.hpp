// What the platform takes back: whole offices, grants, and parts of grants. Each gives the streams
// concerned keys of a new epoch, so that keys from before, also those on a copied disk, open
// nothing that is published later. Offices that stay get a new grant file and no data again.
#pragma once

#include "platform/realm/registry.hpp"
#include "platform/repository/repository.hpp"

namespace rootlet::platform {

struct OfficeChange {
  OfficeState before = OfficeState::kEnrolled, after = OfficeState::kEnrolled;
  std::size_t grants = 0;   // of the office
  std::size_t streams = 0;  // that have new keys
};

// Locks what the office holds until resume_office(): it erases nothing, fetches nothing and reads
// nothing; its records are still taken in. kUsage unless it has enrolled.
Result<OfficeChange> suspend_office(Realm& realm, const std::string& office, UnixTime now);
// `loss`: the record by which the office's machine has reported itself lost, if it has: the next
// grant file says that this report is settled, and the machine reads again. "" if there is none.
Result<OfficeChange> resume_office(Realm& realm, const std::string& office, const std::string& loss,
                                   UnixTime now);

// For good: the office erases all it holds at its next contact, and its batches are kept, marked
// and not taken in. A machine that never connects again stops reading when its leases end.
Result<OfficeChange> revoke_office(Realm& realm, const std::string& office, UnixTime now);

// Forgets a revoked office: its grant file leaves the repository, and its name is free. Records
// that were taken in from it stay. kUsage unless it is revoked.
Status remove_office(Realm& realm, const std::string& office, UnixTime now);

// Divisions of `before` of which `after` opens less.
std::vector<std::string> narrowed_divisions(const Grant& before, const Grant& after);

}  // namespace rootlet::platform
