// state/<dataset>.db: the last published rows of each stream with their numbers, digests and
// fingerprints, the stream's history, the dataset's versions (publish_log.hpp), and the packs that
// the registry does not have yet. Its commit creates a version (publisher.hpp lists all steps).
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "platform/change/difference.hpp"
#include "platform/change/stream_history.hpp"
#include "platform/publish/publish_log.hpp"
#include "platform/realm/registry.hpp"
#include "platform/source/unchanged_rows.hpp"
#include "platform/store/store.hpp"
#include "sync/pack/table/dataset.hpp"
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
  // A commit leaves its pages in the WAL. Copies them into the file while others may write.
  Status copy_wal() { return database_.file().copy_wal(); }
  // Also empties the WAL; call it when nobody writes.
  Status checkpoint() { return database_.file().checkpoint(); }

  Result<std::map<std::string, StreamHead>> heads();  // by partition
  // Of the streams of fresh_packs(): those that changed or were repaired.
  Result<std::map<std::string, StreamHead>> fresh_heads();
  Status save_head(StreamHead& head);  // sets head.number if it is new

  // All rows of a stream, ordered by key. One walk at a time.
  Result<HeldRows> rows_by_key(const StreamHead& head);
  // Which streams hold rows with one of `keys`, and how many of the rows to be deleted are there.
  // Reads the keys of all rows.
  struct Named {
    std::set<std::int64_t> streams;
    std::uint64_t deletions = 0;
  };
  Result<Named> find_named(const NamedKeys& keys);
  // What turns the stream's rows back into those of version `then`; 0 has none. One walk.
  // kStorageDamaged if that version is not remembered.
  Result<Difference> reversal(const StreamHead& head, Version then,
                              const DatasetDefinition& definition);
  Status apply(const StreamHead& head, const Difference& difference);
  // Call it even if no row changed: equal rows may have new fingerprints.
  Status save_fingerprints(const StreamHead& head, const Difference& difference);
  Result<UnchangedRows> unchanged_rows();

  PublishLog publish_log() { return PublishLog(database_); }
  StreamHistory history(const StreamHead& head) { return {database_, head.number}; }

  // Packs that the registry does not have yet.
  Status save_fresh_pack(const PackEntry& pack);
  Result<std::vector<PackEntry>> fresh_packs();
  Status forget_fresh_packs();

 private:
  Result<std::map<std::string, StreamHead>> heads_where(std::string_view condition);
  explicit PublisherState(Store database) : database_(std::move(database)) {}
  Store database_;
};

}  // namespace rootlet::platform
