// The past of a stream, from which the publisher makes packs that start before the last version:
// the rows that each change replaced, and the digests of the versions that a merged delta may start
// from (pack_policy.hpp, base_versions()).
//
// Between two base versions it keeps only the oldest image of each row, so a row has at most one
// image per base version. It forgets base versions, oldest first, before a stream has more than
// kPastImagesPerRow images for each of its rows; versions that an operator may restore stay (a
// table that a mistake emptied has no rows). One thread, inside the caller's transaction.
#pragma once

#include <map>
#include <span>

#include "platform/change/difference.hpp"
#include "platform/change/net_change.hpp"
#include "platform/store/store.hpp"
#include "sync/pack/table/table.hpp"

namespace rootlet::platform {

// The tables, for the migrations of databases that hold streams.
inline constexpr std::string_view kStreamHistoryTables = R"sql(
CREATE TABLE past_versions(stream INTEGER, version INTEGER, grade INTEGER, epoch INTEGER NOT NULL,
  images INTEGER NOT NULL, digest BLOB NOT NULL, PRIMARY KEY(stream, version, grade)) WITHOUT ROWID;
CREATE TABLE past_rows(stream INTEGER, version INTEGER, rid INTEGER, image BLOB,
  PRIMARY KEY(stream, version, rid)) WITHOUT ROWID;
)sql";

inline constexpr std::uint64_t kPastImagesPerRow = 8;
inline constexpr std::uint64_t kPastImagesAtLeast = 8192;  // per stream, however few rows it has

struct PastVersion {
  Version version = 0;
  std::uint32_t epoch = 1;  // of the keys of the digests
  std::map<Grade, Hash256> digests = {};
  std::uint64_t images = 0;  // saved between this and the next remembered version
};

class StreamHistory {
 public:
  // `stream` is the number of the stream in `database`.
  StreamHistory(Store& database, std::int64_t stream) : database_(database), stream_(stream) {}

  // Remembers version `past` and the rows that `change`, which led to the next version, replaced.
  Status keep(const PastVersion& past, const Difference& change);
  // All remembered versions, ascending.
  Result<std::vector<PastVersion>> versions();
  // The rows that differed at `version`, which must be a remembered one.
  Result<PastRows> rows_at(Version version);
  // Forgets everything that no later merged delta needs. `base_versions` ascending; `rows` is the
  // number of rows at the head. Versions in `restorable` (ascending) stay whatever their images
  // take.
  Status tidy(std::span<const Version> base_versions, std::uint64_t rows,
              std::span<const Version> restorable = {});

 private:
  Status forget(std::span<const PastVersion> versions);
  Result<std::uint64_t> merge(Version after, Version up_to);

  Store& database_;
  std::int64_t stream_;
};

}  // namespace rootlet::platform
