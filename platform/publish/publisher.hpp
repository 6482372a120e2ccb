// Publishes a dataset: turns a new full state into versions that every permitted office can reach.
//
// The steps, all under the realm's lock (the source is read before), and what happens after a power
// cut:
// clang-format off
//   1. platform.db: keys of new grades, and the setting "publishing" with the dataset's id
//        → the next run uses these keys, which have encrypted nothing yet
//   2. repository: packs of data and of the directory, under names that no metadata mentions
//        → finish_interrupted() removes them as unknown files
//   3. state/<dataset>.db, one transaction: rows, numbers, digests, heads, list of fresh packs.
//      The versions now exist.
//        → the next write command continues with step 4
//   4. platform.db, one transaction: streams, packs, grants, directory, signed metadata; clears
//      "publishing"
//        → the next write command repeats step 5 with the same bytes
//   5. repository: grants and metadata, timestamp.json last; then clears the list of step 3
// clang-format on
// Step 4 is prepared in parallel with the commit of step 3, and committed after it.
// So no version is ever skipped, and none is built a second time with other content after an office
// could have seen it.
#pragma once

#include <functional>

#include "platform/change/change_guard.hpp"
#include "platform/publish/publish_log.hpp"
#include "platform/repository/repository.hpp"
#include "platform/source/row_source.hpp"

namespace rootlet::platform {

// `done` and `all` count bytes in phase "reading" and partitions in phase "packing".
using PublishProgress =
    std::function<void(std::string_view phase, std::uint64_t done, std::uint64_t all)>;

struct PublishOptions {
  SourceOpener open_source = {};
  // Totals of the source's owner as JSON (platform/source/control.hpp); empty: the source's own, if
  // it counted any. With totals every row is read, and a difference refuses the publish.
  std::string control = {};
  // Percent of the rows that may be set aside for their mistakes; the rows published under their
  // keys stay. `save_set_aside` gets them, if there are any, before anything is published; its
  // error refuses the publish.
  std::optional<int> set_aside_percent = {};
  std::function<Status(const DatasetDefinition&, const std::vector<SetAsideRow>&)> save_set_aside =
      {};
  // The source names changes: rows of other keys stay. A deletion of a row that is not there
  // counts, and changes nothing.
  bool is_change_list = false;
  SourceMapping mapping = {};
  NewestValue* newest = nullptr;  // of mapping.newest_heading; outlives the publish
  bool accept_older = false;      // although the newest values are older than at the last publish
  // Instead of reading a source: takes the rows of this version of the dataset back. What it
  // changes needs no acceptance.
  std::optional<Version> restore = {};
  // Instead of reading a source: gives the streams that wait for keys of a new epoch a version with
  // the same rows under those keys (Registry::queue_rekeys()).
  bool rekey = false;
  Version skipped_versions = 0;  // of each stream that gets a version: so many numbers stay unused
  // Percent of the rows before that may be removed or changed; else as the definition says.
  std::optional<int> accept_changes = {};
  bool dry_run = false;  // computes and builds everything, writes nothing
  PublishProgress progress = {};
};

struct PublishReport {
  std::string dataset;
  Version version = 0;  // of the dataset; also if nothing changed
  std::optional<Version> restored = {};
  std::uint64_t before = 0;  // rows of the version before
  std::uint64_t rows = 0, added = 0, changed = 0, removed = 0;
  std::vector<std::string> emptied;  // partitions that had rows and now have none
  // Not kNone: refused, nothing was written, and the figures say what would have happened.
  ChangeDoubt doubt = ChangeDoubt::kNone;
  int accepted_percent = 0;  // if refused

  ChangeFigures figures() const { return {before, rows, added, changed, removed}; }
  std::uint64_t unchanged = 0;   // rows whose bytes in the file are those of the last publish
  std::uint64_t partitions = 0;  // with changes, or new keys
  BlankEnds blank_ends = {};
  std::vector<Control::Total> control = {};
  std::uint64_t set_aside = 0;  // rows
  // Why the source could not note what was taken. The next publish reads it again, and that changes
  // nothing.
  std::optional<Error> not_marked = {};
  std::uint64_t not_there = 0;      // deletions of rows that were not there
  bool are_blanks_dropped = false;  // as the definition says
  std::uint64_t packs = 0, bytes = 0;
  double seconds = 0;
  bool dry_run = false;
};

// Reads the source under the dataset's lock only, then takes the realm's. Refuses a state that
// removes or changes too many rows (change_guard.hpp) in the report; the first publish has no
// limit. kUsage for a version that cannot be restored. kBadInput with all mistakes in the file,
// kNotPermitted for a dataset that is not shared, kUsage for an unknown one. Publishes nothing
// after an error.
Result<PublishReport> publish_dataset(Realm& realm, const std::string& dataset,
                                      const PublishOptions& options, UnixTime now);

// The dataset's present version and those that can be restored, ascending; empty if it was never
// published.
Result<std::vector<DatasetVersion>> dataset_versions(Realm& realm, const std::string& dataset);

// Gives all streams that wait for keys of a new epoch a version under them; how many streams. With
// the realm's lock. For `skipped_versions` see PublishOptions.
Result<std::size_t> finish_rekeys(Realm& realm, UnixTime now, Version skipped_versions = 0);

// Completes an interrupted run. Every command that writes calls it first, with the realm's lock.
Status finish_interrupted(Realm& realm, UnixTime now);

}  // namespace rootlet::platform
