// What the publisher remembers of a stream's past, so that packs can be made from versions before
// the last: the row that each change replaced, and the digests of versions that a merged delta may
// start from (pack_policy.hpp, base_versions).
//
// Between two base_versions only the first row that a number had is kept, so a row has at most one
// image for each base version; base_versions are forgotten, oldest first, before a stream has more
// than kPastImagesPerRow images for each of its rows. One thread, inside the caller's transaction.
#pragma once

#include <map>
#include <span>

#include "platform/change/difference.hpp"
#include "platform/change/net_change.hpp"
#include "storage/database.hpp"
#include "sync/pack/table/table.hpp"

namespace rootlet::platform {

// The tables, for the migrations of files that hold streams.
inline constexpr std::string_view kStreamHistoryTables = R"sql(
CREATE TABLE past_versions(stream INTEGER, version INTEGER, grade INTEGER, epoch INTEGER NOT NULL,
  images INTEGER NOT NULL, digest BLOB NOT NULL, PRIMARY KEY(stream, version, grade)) WITHOUT ROWID;
CREATE TABLE past_rows(stream INTEGER, version INTEGER, rid INTEGER, image BLOB,
  PRIMARY KEY(stream, version, rid)) WITHOUT ROWID;
)sql";

inline constexpr std::uint64_t kPastImagesPerRow = 8;
inline constexpr std::uint64_t kPastImagesAtLeast = 8192;  // of a stream, however few its rows

struct PastVersion {
  Version version = 0;
  std::uint32_t epoch = 1;  // of the keys under which the digests were made
  std::map<Grade, Hash256> digests = {};
  std::uint64_t images = 0;  // kept between it and the next that is remembered
};

class StreamHistory {
 public:
  // `stream` is the number of the stream in `database`.
  StreamHistory(Database& database, std::int64_t stream) : database_(database), stream_(stream) {}

  // Version `past`, which `change` has just turned into the next.
  Status keep(const PastVersion& past, const Difference& change);
  // Every version remembered, ascending.
  Result<std::vector<PastVersion>> versions();
  // The rows that stood otherwise at `version`, which must be one that is remembered.
  Result<PastRows> rows_at(Version version);
  // Forgets what no merged delta after `head` can need; `anchors` ascending, `rows` are those of
  // the head.
  Status tidy(std::span<const Version> base_versions, std::uint64_t rows);

 private:
  Status forget(std::span<const PastVersion> versions);
  Result<std::uint64_t> merge(Version after, Version up_to);

  Database& database_;
  std::int64_t stream_;
};

}  // namespace rootlet::platform
