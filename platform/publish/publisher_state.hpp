// state/<dataset>.db: the rows of each stream as published last, with their numbers, digests and
// the fingerprints of the records that they were read from, what they were before, and the packs
// that the registry has not taken over yet. Its commit is the moment at which a version comes to be
// (publisher.hpp tells the whole order).
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "platform/change/difference.hpp"
#include "platform/change/stream_history.hpp"
#include "platform/realm/registry.hpp"
#include "platform/source/unchanged_rows.hpp"
#include "storage/database.hpp"
#include "sync/pack/table/digest.hpp"

namespace rootlet::platform {

struct StreamHead {
  std::int64_t number = 0;  // of the stream in this file; 0 before it is saved
  std::string partition;
  Version version = 0;
  std::uint32_t epoch = 1;
  std::uint64_t rows = 0;
  UnixTime published{};
  std::map<Grade, Hash256> digests;
};

class PublisherState {
 public:
  static Result<PublisherState> open(const std::filesystem::path& path, const SymmetricKey& key,
                                     OpenMode mode);
  Result<Transaction> begin() { return Transaction::begin(database_); }
  // A commit leaves its pages in the WAL. This copies them into the file while others write …
  Status copy_wal() { return database_.copy_wal(); }
  // … and this empties the WAL too, when all have written.
  Status checkpoint() { return database_.checkpoint(); }

  Result<std::map<std::string, StreamHead>> heads();  // by partition
  Status save_head(StreamHead& head);                 // numbers a new one

  // Every row of a stream, by key. One walk at a time.
  Result<HeldRows> rows_by_key(const StreamHead& head);
  Status apply(const StreamHead& head, const Difference& difference);
  // Also when no row has changed: they may have been read from other records.
  Status save_fingerprints(const StreamHead& head, const Difference& difference);
  Result<UnchangedRows> unchanged_rows();

  StreamHistory history(const StreamHead& head) { return {database_, head.number}; }

  // Packs that wait for the registry.
  Status save_fresh_pack(const PackEntry& pack);
  Result<std::vector<PackEntry>> fresh_packs();
  Status forget_fresh_packs();

 private:
  explicit PublisherState(Database database) : database_(std::move(database)) {}
  Database database_;
};

}  // namespace rootlet::platform
