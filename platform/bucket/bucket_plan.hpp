// What to do so that the bucket shows what the folder shows: in which order files are put, and what
// may go. The order makes a state visible whole or not at all: a file is put after all that it
// leads to, timestamp.json last of what clients begin with; the news, which are copies, follow; and
// only then goes what the new state does not need.
#pragma once

#include <map>
#include <optional>

#include "platform/bucket/bucket_record.hpp"
#include "platform/realm/realm.hpp"

namespace rootlet::platform {

enum class BucketStep { kData, kMetadata, kRoot, kTimestamp, kNews };
// Of a published file, by its path. A new root is put right before the timestamp: it may name other
// keys for it, and clients that see one without the other must wait. Pure.
BucketStep step_of(std::string_view path);

struct BucketFile {
  std::string path;  // below the repository
  std::string stamp;
  std::uint64_t bytes = 0;
  std::optional<Bytes> content = {};  // of files that get other bytes under the same name
  Hash256 digest{};                   // of `content`
  std::optional<Hash256> held = {};   // digest of what the bucket holds under this name
};

// The folder as one state: waits until no command changes it. kBusy after `wait`.
Result<std::vector<BucketFile>> read_published(const RealmFolder& folder,
                                               std::chrono::milliseconds wait);

inline const std::string kTimestampPath = "metadata/timestamp.json";

struct BucketPlan {
  std::vector<BucketFile> files;  // by step
  std::vector<std::string> gone;
  // To be noted when all is done: as long as it is not, the next plan goes on with all the rest.
  std::optional<Placed> timestamp = {};
  bool empty() const { return files.empty() && gone.empty(); }
};
// As long as the bucket has the folder's timestamp, nothing but news can be new to anybody: the
// files of a publish that is not finished stay where they are. Pure.
BucketPlan plan_bucket(std::vector<BucketFile> published, const PlacedFiles& placed);

// "inode.size.time", another one after each change of the file; empty if there is none.
std::string stamp_of_file(const fs::path& path);

}  // namespace rootlet::platform
