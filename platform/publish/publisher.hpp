// Publishing a dataset: from a new full state to versions that every permitted office can reach.
//
// What a power cut leaves, step by step, all under the realm's lock:
//   1. platform.db: keys of new streams, and the note that this dataset is being published
//        → keys that nothing is encrypted with yet; the next run uses them
//   2. repository: packs of data and of the directory, under names that no metadata mentions
//        → unknown files; finish_interrupted() removes them
//   3. state/<dataset>.db, one transaction: rows, numbers, digests, heads, list of packs. THE
//   VERSIONS NOW EXIST
//        → the next write command takes the list over and goes on with 4
//   4. platform.db, one transaction: streams, packs, grants, directory, signed metadata; the note
//   is cleared
//        → the next write command writes the files again from the same bytes
//   5. repository: grants and metadata, timestamp.json last; then the list of step 3 is cleared
// What 4 is to say is prepared while 3 is being written, and committed after it.
// So a version is never skipped, and never built twice with different content once anybody could
// have seen it.
#pragma once

#include <functional>

#include "platform/repository/repository.hpp"

namespace rootlet::platform {

// "reading" goes by bytes, "packing" by partitions.
using PublishProgress =
    std::function<void(std::string_view phase, std::uint64_t done, std::uint64_t all)>;

struct PublishOptions {
  fs::path csv;
  bool dry_run = false;  // finds and builds everything, writes nothing
  PublishProgress progress = {};
};

struct PublishReport {
  std::string dataset;
  std::uint64_t rows = 0, added = 0, changed = 0, removed = 0;
  std::uint64_t unchanged = 0;   // rows whose records are as they were at the last publish
  std::uint64_t partitions = 0;  // that changed
  std::uint64_t packs = 0, bytes = 0;
  double seconds = 0;
  bool dry_run = false;
};

// Takes the realm's lock. kBadInput with every mistake of the file, kNotPermitted for a dataset
// that is not shared, kUsage for one that is unknown; after an error nothing is published.
Result<PublishReport> publish_dataset(Realm& realm, const std::string& dataset,
                                      const PublishOptions& options, UnixTime now);

// Completes what a run that was cut short had begun. Every command that writes calls it first, with
// the lock.
Status finish_interrupted(Realm& realm, UnixTime now);

}  // namespace rootlet::platform
