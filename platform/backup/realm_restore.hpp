// Makes a realm of a backup that goes on above all that was ever signed, as far as it can know.
//
// What the lost realm signed after the backup is out there, under numbers that the backup does not
// know: an office refuses metadata that is older than what it trusts, and takes other rows under a
// number that it holds for a fork. So every number jumps: versions of roles, of grants, of the
// directory's streams and of data, and the epochs of content keys. Offices that saw more than the
// backup find that the newest version starts from nothing for them, and fetch a snapshot; the
// others go on by deltas.
#pragma once

#include "platform/realm/realm.hpp"

namespace rootlet::platform {

// A realm publishes some dozen times a day; a hundred years of that is below it.
inline constexpr std::int64_t kVersionJump = 1'000'000;
inline constexpr std::uint32_t kEpochJump = 1'000;

struct RestoreReport {
  std::size_t streams = 0;  // that moved on
  std::int64_t root_version = 0;
  // Whose key in the newest root is not in the backup: nothing is published until they are rotated.
  std::vector<std::string> foreign_roles;
};

// Restores into the new folder `folder`. `newer`, if not empty, is a later copy of the repository,
// of the lost realm or of a mirror: its roots and the versions in it are taken into account.
// kUsage unless `folder` is missing or empty; errors as unpack_backup(); after an error there is no
// folder.
Result<RestoreReport> restore_realm(const fs::path& file, std::string_view passphrase,
                                    const fs::path& folder, const fs::path& newer,
                                    const SigningClock& clock, UnixTime now);

}  // namespace rootlet::platform
