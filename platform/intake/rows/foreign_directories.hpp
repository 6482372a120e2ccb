// Directories that offices have seen and this platform did not publish (Intake::
// foreign_directories()). Only the parts of Intake use it.
#pragma once

#include "platform/intake/rows/intake_types.hpp"

namespace rootlet::platform::intake {

inline constexpr std::string_view kForeignDirectoriesTable = R"sql(
CREATE TABLE foreign_directories(
  version INTEGER NOT NULL, hash BLOB NOT NULL, office TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY(version, hash)) WITHOUT ROWID;
)sql";

// Notes what the office saw if the platform did not publish it, and says so in the log once.
Status compare_directories(Store& records, FormDirectory& published, const std::string& office,
                           const std::vector<SeenDirectory>& seen, UnixTime at);
Result<std::vector<ForeignDirectory>> load_foreign_directories(Store& records);

}  // namespace rootlet::platform::intake
