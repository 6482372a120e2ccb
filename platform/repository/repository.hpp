// The public folder: directory, grants, metadata and data packs, all derived from the registry.
//
// The order of writes makes a publish visible all at once or not at all, also after a power cut:
// clang-format off
//   1. Write and flush the packs, under names that no metadata mentions yet.
//   2. stage_repository(): save grants, directory rows and packs, and the exact bytes of the
//      metadata in the caller's transaction of the registry. Its commit is the decision.
//   3. write_repository(): write these bytes to their files, timestamp.json after all that it
//      leads to, and last the news, which are copies.
//      finish_interrupted_files() repeats an unfinished step 3 with the same bytes, so no two
//      files are ever signed under one version.
// clang-format on
// Hold the realm's lock during all steps.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "platform/realm/realm.hpp"
#include "platform/repository/pack_files.hpp"
#include "sync/trust/metadata/signing_times.hpp"

namespace rootlet::platform {

// How long retired packs stay, for offices that still use an old directory.
inline constexpr std::chrono::days kRetiredPackLife{30};

// The registry's settings that the repository uses.
inline constexpr std::string_view kSettingRealmId = "realm_id";
inline constexpr std::string_view kSettingName = "name";
inline constexpr std::string_view kSettingUrl = "url";
inline constexpr std::string_view kSettingUrlGiven =
    "url_given";  // set by a person, not by serve --listen
inline constexpr std::string_view kSettingTimestampDays = "timestamp_days";
inline constexpr int kDefaultTimestampDays = 7;
inline constexpr std::string_view kSettingFilesPending = "files_pending";

std::string publisher_role(std::string_view provider_code);  // "publisher-<code in lower case>"

Status stage_repository(Realm& realm, UnixTime now);
Status write_repository(Realm& realm);
// Stages, commits and writes.
Status commit_repository(Realm& realm, Transaction transaction, UnixTime now);
// Writes the files that an interrupted commit_repository() did not write.
Status finish_interrupted_files(Realm& realm);
// Removes files of the directory that an interrupted run left behind.
Status remove_unknown_directory_files(Realm& realm);
// Signs metadata again before it expires; true if it signed any.
Result<bool> renew_repository(Realm& realm, UnixTime now);

// Parts of stage_repository (repository_grants.cpp, repository_directory.cpp,
// repository_metadata.cpp).
Status stage_grants(Realm& realm, UnixTime now);
Status stage_directory(Realm& realm, UnixTime now);
Result<bool> stage_metadata(Realm& realm, UnixTime now);  // true if it signed any

// Part of write_repository (repository_news.cpp).
Status write_news(Realm& realm);
struct NewsFile {
  std::string path;  // below the repository
  Bytes bytes;
};
Result<std::vector<NewsFile>> make_news(Registry& registry);

}  // namespace rootlet::platform
