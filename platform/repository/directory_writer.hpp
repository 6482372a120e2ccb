// Publishes streams of the directory: makes their packs, writes these to the files of one stage,
// and saves both in the registry. A stream whose rows are those of its last version keeps that
// version, unless its packs are lost. One thread, which uses more for packs; inside the caller's
// transaction.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "platform/packs/pack_job.hpp"
#include "platform/realm/realm.hpp"
#include "platform/repository/node_rows.hpp"
#include "platform/repository/pack_files.hpp"

namespace rootlet::platform {

// A stream that is published as one pack of all its rows.
struct Snapshot {
  StreamName stream;
  StreamName key_stream = {};  // whose key opens it
  std::string about = {};      // the dataset, if it is of one
  DirectoryRows rows = {};     // none: the stream goes
  bool may_be_empty = false;   // then it is published even without rows
  bool has_changed = false;    // set by publish(): another version, or gone
};

class DirectoryWriter {
 public:
  static Result<DirectoryWriter> make(Realm& realm, UnixTime now);

  SymmetricKey key_of(const StreamName& stream) const {
    return derive_directory_key(secret_, stream);
  }
  Status publish(std::span<Snapshot> snapshots);
  // A stream with a history: publishes `rows` (sorted) as its next version by a step and merged
  // deltas, and a snapshot if one is due. True if its head or its packs changed.
  Result<bool> publish_growing(const StreamName& name, const std::string& about,
                               const SourceTable& rows);
  // Takes a stream out of the directory; true if it was there. Its version is kept.
  Result<bool> withdraw(const StreamName& name);
  // Takes packs whose files are damaged or lost out of the directory, and returns them.
  Result<std::vector<PackEntry>> drop_damaged();
  // All files are on disk when it returns; removes those that nobody needs any more.
  Status finish();

 private:
  struct Job;
  DirectoryWriter(Realm& realm, UnixTime now, SigningKey signer, SymmetricKey secret);

  Result<std::optional<Job>> job_of(Snapshot& snapshot);
  Result<BuiltPack> build(const Job& job) const;
  Status save(Job& job, const BuiltPack& pack);
  Status save_root(const PackEntry& entry, ByteView pack);
  Result<PackEntry> write(const BuiltPack& pack);
  Result<std::int64_t> file_number();
  Status sweep();

  Status publish_step(DirectoryStream& stream, const std::shared_ptr<const Difference>& change);
  Status publish_merged_deltas(const DirectoryStream& stream,
                               const std::shared_ptr<const Difference>& change);
  Result<bool> publish_snapshot_if_due(const DirectoryStream& stream,
                                       const std::shared_ptr<const Difference>& change);
  Status retire(const DirectoryStream& stream);
  Status save_rows(const DirectoryStream& stream, const Difference& change);
  Result<Difference> difference_of(const DirectoryStream& stream, const SourceTable& rows);
  PackJob pack_job(PackKind kind, const DirectoryStream& stream, Version from,
                   const std::shared_ptr<const Difference>& change) const;

  Realm* realm_;
  UnixTime now_;
  std::unique_ptr<SigningKey> signer_;  // the maker refers to it
  SymmetricKey secret_;
  std::unique_ptr<PackMaker> maker_;
  PackFiles files_;
  std::optional<std::int64_t> file_;  // the stage's number, once something is written
  std::set<std::string> groups_;      // whose file of that number was written
  bool has_written_ = false;
};

// A row of a stream with a history, as input of publish_growing().
void add_growing_row(SourceTable& rows, const DirectoryRow& row);

// "directory/<sha256>.all.pack": the published name of the root node.
Result<std::string> root_node_path(ByteView pack);

}  // namespace rootlet::platform
