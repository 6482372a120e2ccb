// The public folder: directory, grants, metadata and data packs, all derived from the registry.
//
// The order of writes makes a publish visible all at once or not at all, also after a power cut:
// clang-format off
//   1. Write and flush the packs, under names that no metadata mentions yet.
//   2. stage_repository(): save grants, directory rows and packs, and the exact bytes of the
//      metadata that the publishing home signs, in the caller's transaction of the registry. Its
//      commit is the decision.
//   3. write_repository(): write these bytes to their files; hand over to the serving and the
//      intake home what they need; have the serving home's roles signed, which commits their exact
//      bytes, and write them, timestamp.json last; then the news, which are copies.
//      finish_interrupted_files() repeats an unfinished step 3, so no two files are ever signed
//      under one version.
// clang-format on
// Hold the realm's lock during all steps.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "platform/online/online_roles.hpp"
#include "platform/realm/realm.hpp"
#include "platform/repository/pack_files.hpp"
#include "sync/trust/metadata/signing_times.hpp"

namespace rootlet::platform {

// How long retired packs stay, for offices that still use an old directory.
inline constexpr std::chrono::days kRetiredPackLife{30};

// The registry's settings that the repository uses.
inline constexpr std::string_view kSettingName = "name";
inline constexpr std::string_view kSettingUrl = "url";
inline constexpr std::string_view kSettingUrlGiven =
    "url_given";  // set by a person, not by serve --listen
// Where offices fetch the published files, "" for the gateway; missing: nothing was ever said.
inline constexpr std::string_view kSettingRepositoryUrl = "repository_url";
inline constexpr std::string_view kSettingFilesPending = "files_pending";

std::string publisher_role(std::string_view provider_code);  // "publisher-<code in lower case>"

Status stage_repository(Realm& realm, UnixTime now);
Status write_repository(Realm& realm, UnixTime now);
// Stages, commits and writes.
Status commit_repository(Realm& realm, Transaction transaction, UnixTime now);
// Writes the files that an interrupted commit_repository() did not write.
Status finish_interrupted_files(Realm& realm, UnixTime now);
// Removes files of the directory that an interrupted run left behind.
Status remove_unknown_directory_files(Realm& realm);
// Of all homes: the newest version of each role, but all versions of root.
Result<std::vector<RoleMetadata>> published_metadata(Realm& realm);
// Signs metadata again before it expires; true if it signed any.
Result<bool> renew_repository(Realm& realm, UnixTime now);

// Parts of stage_repository (repository_grants.cpp, repository_directory.cpp,
// repository_metadata.cpp).
Status stage_grants(Realm& realm, UnixTime now);
Status stage_directory(Realm& realm, UnixTime now);
Result<bool> stage_metadata(Realm& realm, UnixTime now);  // true if it signed any

// What remains of write_repository() if only offices were saved that no file names.
Status hand_over_offices(Realm& realm);

// Parts of write_repository (hand_over.cpp, repository_news.cpp).
Status hand_over(Realm& realm);
Status write_news(Realm& realm);
struct NewsFile {
  std::string path;  // below the repository
  Bytes bytes;
};
Result<std::vector<NewsFile>> make_news(Realm& realm);

}  // namespace rootlet::platform
