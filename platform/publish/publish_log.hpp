// The versions of a dataset that operators see: one for each publish that changed rows, and which
// version of each stream belonged to it. The last kRestorableVersions before the present one can be
// restored: StreamHistory keeps their rows. One thread, inside the caller's transaction.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "platform/store/store.hpp"

namespace rootlet::platform {

// The tables, for the migrations of PublisherState. Streams of an older file become its first
// version, with the highest number of any.
inline constexpr std::string_view kPublishLogTables = R"sql(
CREATE TABLE publishes(number INTEGER PRIMARY KEY, at INTEGER NOT NULL, rows INTEGER NOT NULL,
  added INTEGER NOT NULL, changed INTEGER NOT NULL, removed INTEGER NOT NULL, restored INTEGER);
CREATE TABLE publish_streams(stream INTEGER, publish INTEGER, version INTEGER NOT NULL,
  PRIMARY KEY(stream, publish)) WITHOUT ROWID;
INSERT INTO publishes SELECT max(version), max(published), sum(rows), sum(rows), 0, 0, NULL
  FROM streams HAVING count(*) > 0;
INSERT INTO publish_streams SELECT number, (SELECT max(version) FROM streams), version FROM streams;
)sql";

inline constexpr std::size_t kRestorableVersions = 8;

struct DatasetVersion {
  Version number = 0;
  UnixTime published{};
  std::uint64_t rows = 0, added = 0, changed = 0, removed = 0;
  std::optional<Version> restored = {};  // the version whose rows it took back
};

using StreamVersions = std::map<std::int64_t, Version>;  // by the stream's number

class PublishLog {
 public:
  explicit PublishLog(Store& database) : database_(database) {}

  // The present version and those that can be restored, ascending.
  Result<std::vector<DatasetVersion>> versions();
  // Adds the next version; `changed` has the streams that got a new one. Forgets those that are too
  // old to restore. Returns its number.
  Result<Version> add(DatasetVersion version, const StreamVersions& changed);
  // The streams' versions at the dataset's version `number`; a stream that is missing had no rows.
  Result<StreamVersions> streams_at(Version number);
  // The versions of `stream` that versions() may be restored from, ascending.
  Result<std::vector<Version>> versions_of(std::int64_t stream);

 private:
  Status forget_old();
  Store& database_;
};

}  // namespace rootlet::platform
