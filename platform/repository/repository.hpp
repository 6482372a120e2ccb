// The public folder: directory, grants, metadata and data packs, all derived from the registry.
//
// Order, so that a publish is seen all at once or not at all and a power cut harms nothing:
//   1. packs are written and on disk under names that nobody knows yet;
//   2. stage_repository: grants, directory rows and packs, metadata as exact bytes, in the caller's
//      transaction of the registry; its commit is the decision;
//   3. write_repository: the bytes go to their files, timestamp.json last. Whoever finds step 3
//   unfinished
//      (finish_interrupted) does it again, with the same bytes: nothing is ever signed twice under
//      one version.
// Hold the realm's lock throughout.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "platform/realm/realm.hpp"

namespace rootlet::platform {

// How long metadata is good for. Signed again when a quarter of it is left.
inline constexpr std::chrono::days kRootLife{365};
inline constexpr std::chrono::days kTargetsLife{365};
inline constexpr std::chrono::days kSnapshotLife{30};
inline constexpr std::chrono::days kDirectoryLife{30};
inline constexpr std::chrono::days kTimestampLife{7};  // unless init says otherwise
// Retired packs stay this long for offices that still hold an old directory.
inline constexpr std::chrono::days kRetiredPackLife{30};

// Settings of the registry that the repository knows.
inline constexpr std::string_view kSettingRealmId = "realm_id";
inline constexpr std::string_view kSettingName = "name";
inline constexpr std::string_view kSettingUrl = "url";
inline constexpr std::string_view kSettingUrlGiven =
    "url_given";  // by a person, not by serve --listen
inline constexpr std::string_view kSettingTimestampDays = "timestamp_days";
inline constexpr std::string_view kSettingFilesPending = "files_pending";
inline constexpr std::string_view kSettingDirectoryVersion = "directory_version";
inline constexpr std::string_view kSettingDirectoryDigest = "directory_digest";

std::string publisher_role(std::string_view provider_code);  // "publisher-<code in lower case>"

// Files of packs. Not on disk for sure before flush().
class PackFiles {
 public:
  explicit PackFiles(fs::path repository) : repository_(std::move(repository)) {}
  Status write(const std::string& path_in_repository, ByteView bytes);
  Status flush();  // everything written is on disk when it returns
  Status remove(const std::string& path_in_repository);
  // Where the pack's file lies and when it was touched last: while this stays, nobody has written
  // to it. Empty if there is no such file.
  std::string stamp_of(const PackEntry& pack) const;
  // True if the file is as it was when `pack.file_stamp` was taken, or else is found right.
  bool is_sound(const PackEntry& pack) const;
  // ok if the pack's file is, byte for byte, what was published; kUntrusted or kStorage otherwise.
  Status check(const PackEntry& pack) const;

 private:
  fs::path repository_;
};

std::string directory_pack_path(const DirectoryPackEntry& pack);  // "directory/<sha256>.3-4.pack"

Status stage_repository(Realm& realm, UnixTime now);
Status write_repository(Realm& realm);
// Stages, commits, writes.
Status commit_repository(Realm& realm, Transaction transaction, UnixTime now);
// Writes what an interrupted commit_repository left unwritten.
Status finish_interrupted_files(Realm& realm);
// Signs what grows old again; true if anything was.
Result<bool> renew_repository(Realm& realm, UnixTime now);

// Parts of stage_repository (repository_grants.cpp, repository_directory.cpp,
// repository_metadata.cpp).
Status stage_grants(Realm& realm, UnixTime now);
Status stage_directory(Realm& realm, UnixTime now);
Result<bool> stage_metadata(Realm& realm, UnixTime now);  // true if anything was signed

}  // namespace rootlet::platform
